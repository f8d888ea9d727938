-- The picture of a headline that is shown beside a link to an article without a picture of its own.

create table share_pictures (
  article {{int}} not null references articles (id), hash {{text}} not null, bytes {{int}} not null,
  drawn_at {{int}} not null, primary key (article)
) {{clustered}};
create index share_pictures_hash on share_pictures (hash);
