# Makes the golden values of test/statistics that need R: survival curves, tests by ranks, Fisher's. Tests read only the JSON.
# Run by hand from the repository: Rscript test/statistics/golden/make.R && npm run format
library(survival)
set.seed(20240601)
number <- function(x) ifelse(!is.finite(x), "null", trimws(formatC(x, digits = 15, format = "g")))
list_of <- function(x) paste0("[", paste(number(x), collapse = ", "), "]")
made_by <- sprintf('"madeBy": { "script": "make.R", "r": "%s.%s", "survival": "%s" }',
                   R.version$major, R.version$minor, packageVersion("survival"))
object <- function(...) { x <- c(...); paste0("{ ", paste(sprintf('"%s": %s', names(x), x), collapse = ", "), " }") }
write_cases <- function(name, groups) {
  body <- sapply(names(groups), function(g) sprintf('"%s": [\n  %s\n ]', g, paste(groups[[g]], collapse = ",\n  ")))
  writeLines(sprintf("{\n %s,\n %s\n}", made_by, paste(body, collapse = ",\n ")),
             file.path("test/statistics/golden", paste0(name, ".json")))
}

# --- Kaplan and Meier, log-log bands
curves <- c()
for (case in 1:5) {
  n <- c(6, 25, 80, 200, 40)[case]
  time <- round(rlnorm(n, 3, 0.7), c(3, 3, 0, 2, 0)[case])
  cut <- c(Inf, 30, 35, 60, 12)[case]
  status <- as.integer(time <= cut)
  time <- pmin(time, cut)
  for (level in c(0.9, 0.95)) {
    fit <- survfit(Surv(time, status) ~ 1, conf.type = "log-log", conf.int = level)
    ends <- fit$n.event > 0
    # the first time at which a curve has fallen to 1 - p, of the estimate and of its bands
    fallen <- function(curve, p) { at <- which(!is.na(curve) & curve <= 1 - p + 1e-9); if (length(at)) fit$time[at[1]] else NA }
    ps <- c(0.25, 0.5, 0.9, 0.95)
    curves <- c(curves, object(
      time = list_of(time), status = list_of(status), confidence = level,
      at = list_of(fit$time[ends]), survival = list_of(fit$surv[ends]), stderr = list_of(fit$std.err[ends]),
      low = list_of(fit$lower[ends]), high = list_of(fit$upper[ends]), p = list_of(ps),
      quantile = list_of(sapply(ps, function(p) fallen(fit$surv, p))),
      quantileLow = list_of(sapply(ps, function(p) fallen(fit$lower, p))),
      quantileHigh = list_of(sapply(ps, function(p) fallen(fit$upper, p)))))
  }
}
write_cases("kaplan-meier", list(cases = curves))

# --- rank sums with the shift between the samples: exact, with ties, and large
ranks <- c()
for (case in 1:6) {
  m <- c(1, 4, 12, 30, 60, 25)[case]
  n <- c(1, 5, 9, 41, 70, 20)[case]
  digits <- c(3, 3, 3, 4, 3, 0)[case]
  x <- round(rlnorm(m, 2, 0.6), digits)
  y <- round(rlnorm(n, 2.3, 0.6), digits)
  exact <- m < 50 && n < 50 && !any(duplicated(c(x, y)))
  test <- suppressWarnings(wilcox.test(y, x, conf.int = TRUE, conf.level = 0.9))
  # R puts the outermost differences where samples are too small for the level
  bounded <- exact && qwilcox(0.05, n, m) > 0
  ranks <- c(ranks, object(x = list_of(x), y = list_of(y), exact = tolower(exact), u = number(unname(test$statistic)),
    p = number(test$p.value), shift = number(unname(test$estimate)),
    # the differences about the exact place of the bound, for samples that are too large to do so at each call
    about = list_of(if (bounded || !exact) sort(outer(y, x, "-"))[qwilcox(0.05, n, m) + -1:1] else c()),
    low = number(if (exact && !bounded) NA else test$conf.int[1]), high = number(if (exact && !bounded) NA else test$conf.int[2])))
}

# --- Fisher's exact test
fisher <- c()
for (counts in list(c(3, 1, 1, 3), c(8, 2, 1, 5), c(0, 10, 0, 10), c(10, 0, 10, 0), c(5, 0, 0, 7), c(12, 488, 3, 497), c(100, 900, 140, 860), c(0, 0, 3, 4), c(2, 40, 9, 11))) {
  table <- matrix(counts, nrow = 2, byrow = TRUE)
  fisher <- c(fisher, object(counts = list_of(counts), p = number(fisher.test(table)$p.value),
    more = number(fisher.test(table, alternative = "greater")$p.value)))
}

# --- Mann and Kendall: Kendall's tau against the moments; R's is tau-b, so only s and p are taken
trends <- c()
for (case in 1:4) {
  n <- c(10, 30, 60, 40)[case]
  v <- round(rnorm(n) + c(0, 0.04, 0.01, 0.05)[case] * (1:n), c(3, 3, 3, 0)[case])
  s <- sum(sign(outer(v, v, "-"))[lower.tri(diag(n))])
  trends <- c(trends, object(values = list_of(v), s = number(s),
    p = number(cor.test(1:n, v, method = "kendall", exact = FALSE, continuity = TRUE)$p.value)))
}
write_cases("ranks", list(rankSum = ranks, fisher = fisher, trend = trends))
