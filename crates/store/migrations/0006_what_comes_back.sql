-- What comes back: a report can be forgiven, a call is taken once, and everything that came in is counted.

alter table reports add column forgiven_at {{int}};
create index reports_class on reports (class, at);
create index waves_frozen on waves (frozen_at, made);

create table calls_taken (name {{text}} primary key, at {{int}} not null) {{clustered}};
create index calls_taken_at on calls_taken (at);

create table came_in (
  day {{int}} not null, source {{text}} not null, outcome {{text}} not null, times {{int}} not null,
  primary key (day, source, outcome)
) {{clustered}};
