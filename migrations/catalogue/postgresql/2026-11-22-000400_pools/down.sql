DROP INDEX pool_members_by_low;
