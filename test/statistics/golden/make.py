# Makes the golden values of test/statistics: SciPy, NumPy and mpmath, with R for what they lack (make.R).
# Run by hand from the repository: python3 test/statistics/golden/make.py && npm run format; tests read only the JSON.
import json, math, pathlib, platform
import mpmath as mp
import numpy as np
import scipy
from scipy import integrate, optimize, special, stats

here = pathlib.Path(__file__).parent
versions = {"python": platform.python_version(), "scipy": scipy.__version__, "numpy": np.__version__, "mpmath": mp.__version__}
rng = np.random.default_rng(20240601)

def write(name, cases):
    text = json.dumps({"madeBy": {"script": "make.py", **versions}, **cases}, indent=1, default=float, allow_nan=False)
    (here / f"{name}.json").write_text(text + "\n")

def sample(values, digits=6):
    return [round(float(v), digits) for v in values]

# --- distributions, to 60 digits
mp.mp.dps = 60
log_gamma = [[x, mp.loggamma(x)] for x in [1e-8, 0.1, 0.5, 1, 1.5, 2, 3.7, 10, 14.99, 15, 100.25, 1e5, 1e9]]
normal = [[x, mp.ncdf(x)] for x in [-38, -20, -8, -3.0001, -3, -2.9999, -1.96, -1, -1e-9, 0, 1e-3, 0.5, 1.6448536, 3, 5, 8]]
normal_q = [[p, mp.sqrt(2) * mp.erfinv(2 * mp.mpf(p) - 1)] for p in [1e-30, 1e-12, 0.001, 0.025, 0.05, 0.3, 0.5, 0.7, 0.95, 0.975, 0.999]]
def incomplete_beta(a, b, x):
    try:
        return mp.betainc(a, b, 0, x, regularized=True)
    except mp.mp.NoConvergence:
        return special.betainc(a, b, x)
beta = [[a, b, x, incomplete_beta(a, b, x)] for a, b, x in [
    (0.5, 0.5, 0.1), (1, 1, 0.3), (2, 3, 0.5), (0.001, 5, 0.2), (30, 2, 0.99), (500, 600, 0.45), (500, 600, 0.5),
    (5000, 3, 0.999), (1e5, 1e5, 0.501), (0.5, 40, 0.001), (10, 10, 1e-3), (950, 51, 0.93), (1e6, 20, 0.99999)]]
beta_q = [[a, b, p, stats.beta.ppf(p, a, b)] for a, b, p in [
    (0.5, 0.5, 0.1), (1, 10, 0.95), (2, 3, 0.5), (30, 2, 0.01), (500, 600, 0.975), (0.7, 900, 0.05), (1, 100000, 0.95)]]
binomial = [[k, n, p, mp.fsum(mp.binomial(n, i) * mp.mpf(p) ** i * (1 - mp.mpf(p)) ** (n - i) for i in range(k + 1))]
            for k, n, p in [(0, 10, 0.3), (3, 10, 0.3), (9, 10, 0.95), (58, 59, 0.95), (950, 1000, 0.95), (900, 1000, 0.95), (1, 5000, 0.001)]]
student = [[t, f, 2 * stats.t.sf(abs(t), f)] for t, f in [(0.1, 1), (2, 3), (-2.5, 18), (5, 100), (12, 5), (0, 4)]]
write("distributions", dict(logGamma=log_gamma, normalCdf=normal, normalQuantile=normal_q, betaCdf=beta, betaQuantile=beta_q,
                            binomialCdf=binomial, studentTwoSided=student))

# --- quantiles: NumPy's type 7; ranks from SciPy's binomial, searched one by one
samples = [sample(rng.lognormal(3, 1, n)) for n in (1, 2, 3, 7, 58, 59, 72, 299, 400)] + [sample(rng.poisson(3, 90), 0)]
def ranks(n, p, confidence):
    # a tie of the tail and its limit counts as within, whatever its last digits
    tail = (1 - confidence) / 2 * (1 + 1e-12)
    low = [l for l in range(1, n + 1) if stats.binom.cdf(l - 1, n, p) <= tail]
    high = [u for u in range(1, n + 1) if stats.binom.sf(u - 1, n, p) <= tail]
    return (max(low) if low else None, min(high) if high else None)
write("quantile", dict(cases=[dict(values=v, quantiles=[[p, c, np.quantile(v, p), *ranks(len(v), p, c)]
                              for p in (0.05, 0.5, 0.9, 0.95, 0.99) for c in (0.9, 0.95)]) for v in samples],
                       ranks=[[n, p, *ranks(n, p, 0.9)] for n in (1, 4, 5, 10, 100, 1000, 5000) for p in (0.001, 0.25, 0.5, 0.95, 0.99)]))

# --- proportions
cases = []
for k, n in [(0, 1), (1, 1), (0, 20), (20, 20), (1, 60), (3, 60), (7, 31), (500, 1000), (2, 100000)]:
    for c in (0.9, 0.95, 0.99):
        r = stats.binomtest(k, n)
        w = r.proportion_ci(c, "wilson")
        exact = [stats.beta.ppf((1 - c) / 2, k, n - k + 1) if k else 0, stats.beta.ppf((1 + c) / 2, k + 1, n - k) if k < n else 1]
        cases.append(dict(k=k, n=n, confidence=c, wilson=[w.low, w.high], exact=exact))
write("proportion", dict(cases=cases, neverSeen=[[n, c, 1 - mp.power(1 - mp.mpf(str(c)), mp.mpf(1) / n)] for n in (1, 3, 10, 59, 1000, 10**6) for c in (0.9, 0.95, 0.99)]))

# --- Benjamini and Hochberg
ps = [sample(rng.uniform(size=12) ** 3), [0.01, 0.01, 0.04, 0.03, 1, 0], [0.2], []]
write("benjamini-hochberg", dict(cases=[dict(p=p, adjusted=list(stats.false_discovery_control(p)) if p else []) for p in ps]))

# --- bootstrap: sfc32 as in src/kernel/random.ts, the rest by NumPy
def sfc32(seed):
    high, low = (int(x) for x in np.frombuffer(np.float64(seed).tobytes(), dtype=np.uint32))
    a, b, c, n, m = high, low, 0x9E3779B9, 1, 0xFFFFFFFF
    def step():
        nonlocal a, b, c, n
        s = (a + b + n) & m
        n = (n + 1) & m
        a = b ^ (b >> 9)
        b = (c + (c << 3)) & m
        c = (((c << 21) | (c >> 11)) + s) & m
        return s / 2**32
    for _ in range(12): step()
    return step
cases = []
for seed, n, confidence, resamples in [(1, 20, 0.9, 500), (7, 35, 0.95, 400)]:
    part, whole = sample(rng.lognormal(1, 1, n)), sample(rng.lognormal(3, 1, n))
    step = sfc32(seed)
    means = [np.mean([part[int(step() * n)] for _ in range(n)]) for _ in range(resamples)]
    step = sfc32(seed)
    ratios = []
    for _ in range(resamples):
        at = [int(step() * n) for _ in range(n)]
        ratios.append(sum(part[i] for i in at) / sum(whole[i] for i in at))
    tails = [(1 - confidence) / 2, (1 + confidence) / 2]
    cases.append(dict(seed=seed, confidence=confidence, resamples=resamples, part=part, whole=whole,
                      mean=[np.mean(part), *np.quantile(means, tails)], ratio=[sum(part) / sum(whole), *np.quantile(ratios, tails)]))
write("bootstrap", dict(cases=cases))

# --- sequences: the mean's evidence by integrating over the effects; bounds by root finding
def evidence(d, theta, prior):
    d = np.array(d) - theta
    total, squares = math.fsum(d), math.fsum(d * d)
    if squares == 0:
        return 1
    sd = math.sqrt(len(d) / (prior * squares))
    f = lambda x: math.exp(x * total - x * x * squares / 2) * stats.norm.pdf(x, 0, sd)
    peak = total / (squares + 1 / sd**2)
    value, _ = integrate.quad(f, peak - 12 * sd, peak + 12 * sd, epsabs=0, epsrel=1e-12, limit=500, points=[0, peak])
    return value
cases = []
for n, shift, confidence, horizon in [(4, 0.5, 0.95, 100), (12, 0.8, 0.95, 20), (18, 2, 0.95, 20), (30, 0.2, 0.95, 100), (60, 0.5, 0.9, 50)]:
    d = sample(rng.normal(shift, 1, n), 4)
    twice = -2 * math.log(1 - confidence)
    prior = horizon / (twice + math.log(twice + 1))
    final = evidence(d, 0, prior)
    best = max([1] + [evidence(d[:k], 0, prior) for k in range(1, n + 1)])
    mean, sd = np.mean(d), np.std(d, ddof=1)
    f = lambda theta: evidence(d, theta, prior) * (1 - confidence) - 1
    low = high = None
    if f(mean - 5 * sd) > 0:
        low, high = optimize.brentq(f, mean - 5 * sd, mean, xtol=1e-12), optimize.brentq(f, mean, mean + 5 * sd, xtol=1e-12)
    cases.append(dict(differences=d, confidence=confidence, horizon=horizon, mean=mean, p=1 / best, low=low, high=high))
shares = []
for gains, losses, alike, confidence in [(0, 0, 10, 0.95), (1, 0, 0, 0.95), (3, 1, 96, 0.95), (12, 2, 300, 0.95), (0, 9, 1, 0.9), (40, 35, 25, 0.95), (20, 0, 0, 0.95)]:
    n = gains + losses + alike
    lg = special.gammaln
    mixed = sum(lg(k + .5) - lg(.5) for k in (gains, losses, alike)) + lg(1.5) - lg(n + 1.5)
    def profile(delta):
        lo, hi = max(0, -delta), (1 - delta) / 2
        f = lambda x: -sum(special.xlogy(k, max(q, 0)) for k, q in ((gains, x + delta), (losses, x), (alike, 1 - delta - 2 * x)))
        inner = optimize.minimize_scalar(f, bounds=(lo, hi), method="bounded", options=dict(xatol=1e-13))
        return -min(inner.fun, f(lo), f(hi))
    f = lambda delta: mixed - profile(delta) + math.log(1 - confidence)
    estimate = (gains - losses) / n
    edge = lambda end: end if f(end) < 0 else optimize.brentq(f, estimate, end, xtol=1e-12)
    coin = special.betaln(gains + .5, losses + .5) - special.betaln(.5, .5) + (gains + losses) * math.log(2)
    shares.append(dict(gains=gains, losses=losses, alike=alike, confidence=confidence, estimate=estimate, low=edge(-1), high=edge(1), coin=coin))
write("sequence", dict(mean=cases, share=shares))

# --- lines, correlation, spread, change points
lines = []
for n, digits, confidence in [(5, 3, 0.9), (30, 3, 0.9), (40, 0, 0.95), (80, 1, 0.9)]:
    x = sample(rng.integers(1, 12, n) if digits == 0 else rng.uniform(0, 50, n), 2)
    y = sample(3 + 0.7 * np.array(x) + rng.standard_t(2, n) * 4, digits)
    r = stats.theilslopes(y, x, alpha=confidence, method="joint")
    rho = stats.spearmanr(x, y)
    lines.append(dict(x=x, y=y, confidence=confidence, slope=r.slope, intercept=r.intercept, low=r.low_slope, high=r.high_slope,
                      rho=rho.statistic, p=rho.pvalue, median=np.median(y), deviation=stats.median_abs_deviation(y, scale=1 / 1.482602218505602)))
def pettitt(v):
    n = len(v)
    u = [sum(np.sign(v[j] - v[i]) for i in range(t) for j in range(t, n)) for t in range(1, n)]
    at = int(np.argmax(np.abs(u)))
    return dict(values=v, at=at + 1, k=float(u[at]), p=min(1, 2 * math.exp(-6 * u[at] ** 2 / (n ** 3 + n ** 2))))
changes = [pettitt(v) for v in (sample(rng.normal(size=25), 3), sample(np.r_[rng.normal(size=30), rng.normal(1.5, 1, 20)], 3), sample(rng.poisson(2, 40), 0), [1, 2])]
write("lines", dict(lines=lines, changes=changes))
