# R's data sets as R's users write them: write.csv of a data frame, write.zoo of a series. Called by first_try_files.py.
folder <- commandArgs(trailingOnly = TRUE)[1]
path <- function(name) file.path(folder, paste0("r_", name, ".csv"))
get_data <- function(package, name) {
  from_disk <- function(error) {
    place <- new.env()
    data(list = name, package = package, envir = place)
    get(name, envir = place)
  }
  tryCatch(getExportedValue(package, name), error = from_disk)
}

# The form of the Rdatasets collection: a row number without a name, a decimal year, and the values.
decimal <- list(
  datasets = c("AirPassengers", "UKgas", "JohnsonJohnson", "nottem", "austres", "presidents", "Nile", "LakeHuron",
    "lynx", "discoveries", "uspop", "sunspot.year", "co2", "airmiles", "nhtemp", "treering", "lh", "BJsales", "WWWusage"),
  boot = c("manaus"), forecast = c("gas", "wineind", "woolyrnq", "gold", "taylor"), MASS = c("deaths")
)
for (package in names(decimal)) for (name in decimal[[package]]) {
  x <- get_data(package, name)
  write.csv(data.frame(time = as.numeric(time(x)), value = as.numeric(x)), path(name))
}

# Several series at once: with decimal years, and as Rdatasets has them, without a time.
for (name in c("nino", "USeconomic")) {
  x <- get_data("tseries", name)
  write.csv(data.frame(time = as.numeric(time(x)), unclass(x)), path(name), row.names = FALSE)
}
for (name in c("EuStockMarkets", "Seatbelts")) write.csv(as.data.frame(get_data("datasets", name)), path(name))

# zoo's months, quarters and days.
suppressMessages(library(zoo))
months <- function(x) data.frame(month = format(as.yearmon(time(x))), value = as.numeric(x))
write.csv(months(get_data("datasets", "USAccDeaths")), path("USAccDeaths"), row.names = FALSE)
write.csv(months(get_data("MASS", "drivers")), path("drivers"))
freeny <- get_data("datasets", "freeny.y")
write.zoo(zoo(as.numeric(freeny), as.yearqtr(time(freeny))), path("freeny.y"), sep = ",", col.names = TRUE)
tcm <- get_data("tseries", "tcm")
days <- data.frame(date = as.Date(as.yearmon(as.numeric(time(tcm)))), unclass(tcm))
write.csv(days, path("tcm"), row.names = FALSE)

# A monthly series as R prints it: a row a year, a column a month.
x <- get_data("datasets", "ldeaths")
table <- matrix(x, ncol = 12, byrow = TRUE, dimnames = list(1974:1979, month.abb))
write.csv(table, path("ldeaths_table"))

# Data frames, most of them no time series.
frames <- list(
  datasets = c("airquality", "longley", "iris", "mtcars", "ChickWeight", "Theoph", "faithful", "women", "quakes"),
  MASS = c("Traffic", "beav1", "mcycle", "Boston"), boot = c("acme", "aids", "coal"), survival = c("cancer")
)
for (package in names(frames)) for (name in frames[[package]]) write.csv(get_data(package, name), path(name))
