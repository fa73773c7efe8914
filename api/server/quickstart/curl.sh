# {{program}} per kecamatan, {{name}}, {{period}}
curl '{{host}}/v1/statistics/totals?area={{area}}&level=kecamatan&program={{program}}&period={{period}}&format=csv'
# {{kecamatan_name}}
curl -o recipients.csv '{{host}}/v1/recipients?area={{kecamatan}}&program={{program}}&format=csv'
