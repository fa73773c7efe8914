DROP TABLE commitment;
DROP TABLE row_place;
DROP TABLE publication;
