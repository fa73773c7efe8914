DROP TABLE possible_duplicates;
DROP TABLE duplicate_searches;
