-- The paper: what it is, who works for it, what it says, who reads it by mail.
-- Times are microseconds since 1970 UTC; ids are made by us; lists of words are JSON or parted by spaces.

create table meta (key {{text}} primary key, value {{text}} not null) {{strict}};

create table staff (
  id {{id}}, address {{text}} not null, address_key {{text}} not null, name {{text}} not null,
  role {{text}} not null, author {{text}}, joined_at {{int}} not null, left_at {{int}}
) {{strict}};
create unique index staff_address on staff (address_key);

create table sign_in_links (
  token_hash {{text}} primary key, staff {{int}} not null references staff (id),
  made_at {{int}} not null, expires_at {{int}} not null, used_at {{int}}
) {{clustered}};
create index sign_in_links_staff on sign_in_links (staff, made_at);

create table sessions (
  token_hash {{text}} primary key, staff {{int}} not null references staff (id),
  made_at {{int}} not null, seen_at {{int}} not null, expires_at {{int}} not null, ended_at {{int}}
) {{clustered}};
create index sessions_staff on sessions (staff);

create table sections (slug {{text}} primary key, position {{int}} not null, names {{text}} not null) {{clustered}};
create table topics (slug {{text}} primary key, names {{text}} not null) {{clustered}};
create table authors (
  slug {{text}} primary key, name {{text}} not null, title {{text}} not null, place {{text}} not null,
  bios {{text}} not null
) {{clustered}};
create table newsletters (
  slug {{text}} primary key, position {{int}} not null, names {{text}} not null, descriptions {{text}} not null
) {{clustered}};

create table pictures (
  id {{id}}, hash {{text}} not null, format {{text}} not null, bytes {{int}} not null, width {{int}} not null,
  height {{int}} not null, colour {{text}} not null, name {{text}} not null, alt {{text}} not null,
  credit {{text}} not null, made_at {{int}} not null, made_by {{int}}
) {{strict}};
create unique index pictures_hash on pictures (hash);

create table renditions (
  picture {{int}} not null references pictures (id), width {{int}} not null, format {{text}} not null,
  height {{int}} not null, hash {{text}} not null, bytes {{int}} not null, primary key (picture, width, format)
) {{clustered}};
create index renditions_hash on renditions (hash);

create table articles (
  id {{id}}, work {{int}} not null, language {{text}} not null, section {{text}} not null, slug {{text}} not null,
  state {{text}} not null, writer {{int}}, created_at {{int}} not null, changed_at {{int}} not null,
  submitted_at {{int}}, scheduled_for {{int}}, embargo_until {{int}}, published_at {{int}}, updated_at {{int}},
  withdrawn_at {{int}}, withdrawal_reason {{text}}, revision {{int}} not null, published_revision {{int}},
  lock_holder {{int}}, locked_at {{int}}, lock_until {{int}}
) {{strict}};
create unique index articles_address on articles (language, section, slug);
create unique index articles_translation on articles (work, language);
create index articles_changed on articles (changed_at, id);
create index articles_state on articles (state, changed_at, id) where state <> 'live';
create index articles_writer on articles (writer, changed_at, id);
create index articles_scheduled on articles (scheduled_for) where state = 'scheduled';
create index articles_section on articles (language, section, published_at, id) where state = 'live';
create index articles_latest on articles (language, published_at, id) where state = 'live';
create index articles_published on articles (published_at) where state = 'live';

-- What is public is decided here and nowhere else. Statements repeat the part that depends on the
-- time, because an embargo can be set on an article that is live.
create view public_articles as
  select id, work, language, section, slug, writer, embargo_until, published_at, updated_at, published_revision
  from articles
  where state = 'live' and published_at is not null and published_revision is not null and withdrawn_at is null;

create table revisions (
  article {{int}} not null references articles (id), number {{int}} not null, made_at {{int}} not null,
  made_by {{int}}, headline {{text}} not null, kicker {{text}} not null, standfirst {{text}} not null,
  short_search {{text}} not null, short_social {{text}} not null, short_mail {{text}} not null,
  dateline {{text}} not null, body {{text}} not null, note {{text}} not null, lead_picture {{int}},
  lead {{text}}, words {{int}} not null, characters {{int}} not null, primary key (article, number)
) {{strict}};

create table article_bylines (
  article {{int}} not null references articles (id), position {{int}} not null, author {{text}} not null,
  role {{text}} not null, primary key (article, position)
) {{clustered}};
create index article_bylines_author on article_bylines (author, article);

create table article_topics (
  article {{int}} not null references articles (id), position {{int}} not null, topic {{text}} not null,
  primary key (article, position)
) {{clustered}};
create index article_topics_topic on article_topics (topic, article);

create table article_pictures (
  article {{int}} not null references articles (id), picture {{int}} not null references pictures (id),
  primary key (article, picture)
) {{clustered}};
create index article_pictures_picture on article_pictures (picture);

create table former_addresses (
  language {{text}} not null, section {{text}} not null, slug {{text}} not null,
  article {{int}} not null references articles (id), left_at {{int}} not null, primary key (language, section, slug)
) {{clustered}};

create table origins (
  source {{text}} not null, name {{text}} not null, subject {{int}} not null, primary key (source, name)
) {{clustered}};

create table corrections (
  id {{id}}, article {{int}} not null references articles (id), made_at {{int}} not null, text {{text}} not null,
  made_by {{int}}
) {{strict}};
create index corrections_article on corrections (article, made_at);
create index corrections_made on corrections (made_at, id);

create table subscribers (
  id {{id}}, address {{text}} not null, address_key {{text}} not null, address_hash {{text}} not null,
  name {{text}} not null, languages {{text}} not null, zone {{text}} not null, hour {{int}} not null,
  sections {{text}} not null, frequency {{text}} not null, created_at {{int}} not null, confirmed_at {{int}},
  unsubscribed_at {{int}}, paused_until {{int}}, erased_at {{int}}
) {{strict}};
create unique index subscribers_address on subscribers (address_key);
create index subscribers_hash on subscribers (address_hash);
create index subscribers_slot on subscribers (zone, hour, id, confirmed_at, unsubscribed_at)
  where confirmed_at is not null and unsubscribed_at is null;

create table subscriptions (
  subscriber {{int}} not null references subscribers (id), newsletter {{text}} not null, since {{int}} not null,
  left_at {{int}}, primary key (subscriber, newsletter)
) {{clustered}};

create table pending_confirmations (
  token_hash {{text}} primary key, subscriber {{int}} not null references subscribers (id), newsletter {{text}} not null,
  what {{text}} not null, made_at {{int}} not null, expires_at {{int}} not null, confirmed_at {{int}}
) {{clustered}};
create index pending_confirmations_subscriber on pending_confirmations (subscriber, made_at);
create index pending_confirmations_made on pending_confirmations (made_at);

create table consents (
  subscriber {{int}} not null, at {{int}} not null, act {{text}} not null, text_version {{text}} not null,
  network {{text}}, method {{text}} not null
) {{strict}};
create index consents_subscriber on consents (subscriber, at);

create table suppressions (address_hash {{text}} primary key, reason {{text}} not null, made_at {{int}} not null) {{clustered}};

create table reports (
  source {{text}} not null, name {{text}} not null, subscriber {{int}} not null, delivery {{int}}, class {{text}} not null,
  at {{int}} not null, detail {{text}} not null, primary key (source, name)
) {{clustered}};
create index reports_subscriber on reports (subscriber, class, at);

create table editions (
  id {{id}}, newsletter {{text}} not null, date {{text}} not null, language {{text}} not null, state {{text}} not null,
  revision {{int}} not null, subject {{text}} not null, preheader {{text}} not null, note {{text}} not null,
  made_at {{int}} not null, approved_by {{int}}, approved_at {{int}}, automatic_at {{int}},
  candidates_from {{int}} not null, sent_at {{int}}
) {{strict}};
create unique index editions_once on editions (newsletter, date, language);
create index editions_state on editions (state, date);

create table edition_items (
  edition {{int}} not null references editions (id), article {{int}} not null references articles (id),
  position {{int}} not null, pinned_at {{int}}, dropped_at {{int}}, primary key (edition, article)
) {{clustered}};

create table waves (
  newsletter {{text}} not null, date {{text}} not null, zone {{text}} not null, hour {{int}} not null,
  frozen_at {{int}} not null, made {{int}} not null, nothing_new {{int}} not null,
  primary key (newsletter, date, zone, hour)
) {{clustered}};

create table deliveries (
  id {{id}}, occasion {{text}} not null, kind {{text}} not null, recipient {{text}} not null,
  subscriber {{int}}, staff {{int}}, address {{text}}, edition {{int}}, language {{text}} not null,
  payload {{text}} not null, state {{text}} not null, dated {{int}} not null, due_at {{int}} not null,
  next_at {{int}} not null, attempt {{int}} not null, node {{text}}, lease_until {{int}}, transmitted_at {{int}},
  settled_at {{int}}, relay {{text}}, code {{text}}, reply {{text}}
) {{strict}};
create unique index deliveries_once on deliveries (occasion, recipient);
create index deliveries_books on deliveries (occasion, state);
create index deliveries_next on deliveries (next_at, id) where state in ('queued', 'deferred');
create index deliveries_lease on deliveries (lease_until) where state in ('claimed', 'transmitted');
create index deliveries_uncertain on deliveries (id) where state = 'uncertain';
create index deliveries_subscriber on deliveries (subscriber, id) where subscriber is not null;

create table delivered_items (
  subscriber {{int}} not null, work {{int}} not null, delivery {{int}} not null, primary key (subscriber, work)
) {{clustered}};

create table chores (
  id {{id}}, kind {{text}} not null, subject {{text}} not null, due_at {{int}} not null, state {{text}} not null,
  lease_until {{int}}, attempt {{int}} not null, last_error {{text}}
) {{strict}};
create unique index chores_once on chores (kind, subject) where state = 'waiting';
create index chores_due on chores (due_at, id) where state = 'waiting';
create index chores_lease on chores (lease_until) where state = 'running';

create table ledger (
  id {{id}}, at {{int}} not null, who {{int}}, verb {{text}} not null, subject {{text}} not null, detail {{text}} not null
) {{strict}};
create index ledger_at on ledger (at, id);
create index ledger_subject on ledger (subject, at, id);

-- only sqlite
create virtual table search using fts5 (
  headline, standfirst, body, content = '', contentless_delete = 1, detail = column, tokenize = 'ascii'
);
-- only postgres
create table search (article bigint primary key, tokens tsvector not null);
create index search_tokens on search using gin (tokens);
alter table deliveries set (fillfactor = 70);
-- both
