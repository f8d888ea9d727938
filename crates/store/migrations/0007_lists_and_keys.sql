-- Lists by topic and author in the order readers see them, so that no page of one reads the others; and when what
-- pages are made of was last touched, so that a page is dropped when something on it changes and not before.

create table listed (
  kind {{text}} not null, slug {{text}} not null, language {{text}} not null, published_at {{int}} not null,
  article {{int}} not null references articles (id), primary key (kind, slug, language, published_at, article)
) {{clustered}};
create index listed_article on listed (article);

insert into listed (kind, slug, language, published_at, article)
  select 'topic', t.topic, a.language, a.published_at, a.id from article_topics t join articles a on a.id = t.article
  where a.state = 'live' and a.published_at is not null
  on conflict do nothing;
insert into listed (kind, slug, language, published_at, article)
  select 'author', b.author, a.language, a.published_at, a.id from article_bylines b join articles a on a.id = b.article
  where a.state = 'live' and a.published_at is not null
  on conflict do nothing;

create table surrogate_keys (key {{text}} primary key, version {{int}} not null) {{clustered}};
create index surrogate_keys_version on surrogate_keys (version, key);

create index articles_embargo on articles (embargo_until) where embargo_until is not null;
