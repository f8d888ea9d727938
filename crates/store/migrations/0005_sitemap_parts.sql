-- The sitemap's parts are written with each publication and not computed: the index of a million articles is a
-- hundred rows, each with the time of its last change. An article stays in its part for ever.
create table sitemap_parts (number {{id}}, articles {{int}} not null, changed_at {{int}} not null) {{strict}};
create table sitemap_places (
  article {{int}} not null references articles (id), part {{int}} not null, primary key (article)
) {{clustered}};
create index sitemap_places_part on sitemap_places (part, article);
insert into sitemap_places (article, part)
  select id, 1 + (row_number() over (order by published_at, id) - 1) / 10000 from articles where published_at is not null;
insert into sitemap_parts (number, articles, changed_at)
  select s.part, count(*), max(coalesce(a.withdrawn_at, a.updated_at, a.published_at))
  from sitemap_places s join articles a on a.id = s.article group by s.part;
