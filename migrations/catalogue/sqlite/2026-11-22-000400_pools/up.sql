-- Which pools lie in an area: asked with every question about an area, and of a
-- country there are hundreds of thousands of members.

CREATE INDEX pool_members_by_low ON pool_members (low, pool_id);
