# Makes the golden values of test/statistics that need R: survival curves. Tests read only the JSON.
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
