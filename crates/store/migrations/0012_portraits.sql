-- The portrait of somebody whose name stands above articles.

alter table authors add column picture {{int}};
