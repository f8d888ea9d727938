-- Signing up and leaving: questions that wait to be answered, codes, tags, segments, and letters besides the edition.

create table sign_ups (
  id {{id}}, address {{text}} not null, address_hash {{text}} not null, subscriber {{int}}, what {{text}} not null,
  network {{text}}, asked_at {{int}} not null
) {{strict}};
create index sign_ups_hash on sign_ups (address_hash);

-- Confirmations are counted by address, whoever it belongs to and whatever asked for them.
alter table pending_confirmations add column address_hash {{text}};
create index pending_confirmations_hash on pending_confirmations (address_hash, made_at);

create table codes (
  id {{id}}, subscriber {{int}} not null references subscribers (id), purpose {{text}} not null, made_at {{int}} not null,
  expires_at {{int}} not null, tries {{int}} not null, used_at {{int}}
) {{strict}};
create index codes_subscriber on codes (subscriber, made_at);

create table subscriber_tags (
  subscriber {{int}} not null references subscribers (id), tag {{text}} not null, primary key (subscriber, tag)
) {{clustered}};
create index subscriber_tags_tag on subscriber_tags (tag, subscriber);

create table segments (
  id {{id}}, name {{text}} not null, name_key {{text}} not null, rules {{text}} not null, made_by {{int}}, made_at {{int}} not null,
  deleted_at {{int}}
) {{strict}};
create unique index segments_name on segments (name_key) where deleted_at is null;

create table imports (
  id {{id}}, name {{text}} not null, source {{text}} not null, method {{text}} not null, agreed_on {{text}} not null,
  at {{int}} not null
) {{strict}};

-- Breaking news: one a day in each language, once it was let go.
create table alerts (
  id {{id}}, article {{int}} not null, language {{text}} not null, day {{text}} not null, words {{text}} not null,
  made_by {{int}} not null, made_at {{int}} not null, released_by {{int}}, released_at {{int}}
) {{strict}};
create unique index alerts_day on alerts (day, language) where released_at is not null;

-- One letter to the readers of a newsletter: one a day for each, once it was let go.
create table one_offs (
  id {{id}}, newsletter {{text}} not null, language {{text}} not null, day {{text}} not null, segment {{text}} not null,
  rules {{text}} not null, title {{text}} not null, preheader {{text}} not null, body {{text}} not null,
  made_by {{int}} not null, made_at {{int}} not null, released_by {{int}}, released_at {{int}}
) {{strict}};
create unique index one_offs_day on one_offs (newsletter, day) where released_at is not null;

alter table staff add column notes_off_at {{int}};
