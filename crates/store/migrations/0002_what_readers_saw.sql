-- When readers first saw a revision, and since when its words are shown to nobody any more (for law or privacy).
alter table revisions add column shown_at {{int}};
alter table revisions add column hidden_at {{int}};

-- Until now only the line on what changed told that a revision had been published.
update revisions set shown_at = made_at
where note <> '' and number <= (select a.published_revision from articles a where a.id = revisions.article);

-- The first publication showed the newest words of its moment.
update revisions set shown_at = (select a.published_at from articles a where a.id = revisions.article)
where shown_at is null and number = (
  select max(r.number) from revisions r join articles a on a.id = r.article
  where a.id = revisions.article and r.made_at <= a.published_at and r.number <= a.published_revision
);

-- What readers see now was shown at the last change at the latest.
update revisions set shown_at = (select coalesce(a.updated_at, a.published_at) from articles a where a.id = revisions.article)
where shown_at is null and number = (select a.published_revision from articles a where a.id = revisions.article);
