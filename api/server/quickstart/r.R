# {{program}} per kecamatan, {{name}}, {{period}}
totals <- read.csv("{{host}}/v1/statistics/totals?area={{area}}&level=kecamatan&program={{program}}&period={{period}}&format=csv")
print(totals[, c("area", "value", "status")])

# {{kecamatan_name}}
rows <- read.csv("{{host}}/v1/recipients?area={{kecamatan}}&program={{program}}&format=csv")
cat(nrow(rows), "\n")
