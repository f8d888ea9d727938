// The rules that feeds and sitemaps are held to, each with the sentence of the standard it comes from. XML is read by
// the browser's own parser, which stops at the first thing that is not well-formed.

const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
const RFC822 = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d (GMT|[+-]\d{4})$/;
const W3C_DATE = /^\d{4}(-\d\d(-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?)?)?$/;
const LANGUAGE = /^[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8})*$/;
const ATOM = 'http://www.w3.org/2005/Atom';
const SITEMAP = 'http://www.sitemaps.org/schemas/sitemap/0.9';
const NEWS = 'http://www.google.com/schemas/sitemap-news/0.9';
const SITEMAP_ADDRESSES_MAX = 50_000;
const NEWS_ADDRESSES_MAX = 1_000;
const SITEMAP_BYTES_MAX = 50 * 1024 * 1024;

/** Runs `look` over what the text holds; gives the sentences of the rules it breaks. */
class Rules {
  constructor() { this.broken = []; }
  must(holds, rule) { if (!holds && !this.broken.includes(rule)) this.broken.push(rule); }
}

const whole = (text) => { try { return /^https?:$/.test(new URL(text).protocol); } catch { return false; } };

/** The document as nested [namespace, name, attributes, text, children]; throws where it is not well-formed. */
async function tree(page, xml) {
  const read = await page.evaluate((text) => {
    const document = new DOMParser().parseFromString(text, 'application/xml');
    const trouble = document.querySelector('parsererror');
    if (trouble) return { trouble: trouble.textContent };
    const node = (one) => ({
      space: one.namespaceURI,
      name: one.localName,
      at: Object.fromEntries([...one.attributes].map((each) => [each.name, each.value])),
      text: one.textContent,
      in: [...one.children].map(node),
    });
    return { root: node(document.documentElement) };
  }, xml);
  if (read.trouble) throw new Error(`not well-formed (XML 1.0 §2.1): ${read.trouble.slice(0, 300)}`);
  return read.root;
}

const all = (node, name, space = node.space) => node.in.filter((each) => each.name === name && each.space === space);
const one = (node, name, space = node.space) => all(node, name, space)[0];
const text = (node, name, space = node.space) => one(node, name, space)?.text.trim() ?? '';

/** RSS 2.0 as the RSS Advisory Board specifies it. */
export async function rss(page, xml) {
  const rules = new Rules();
  const root = await tree(page, xml);
  rules.must(root.name === 'rss' && root.at.version === '2.0', 'the root is <rss version="2.0">');
  const channel = one(root, 'channel', null);
  rules.must(channel && all(root, 'channel', null).length === 1, 'there is one <channel>');
  if (!channel) return rules.broken;
  for (const name of ['title', 'link', 'description']) rules.must(all(channel, name, null).length === 1, `the channel has one <${name}>`);
  rules.must(text(channel, 'title', null) !== '' && whole(text(channel, 'link', null)), 'the channel has a title and a whole address');
  for (const name of ['pubDate', 'lastBuildDate']) {
    const date = text(channel, name, null);
    rules.must(date === '' || RFC822.test(date), `the channel's <${name}> is a date of RFC 822 with four-digit years`);
  }
  rules.must(text(channel, 'language', null) === '' || LANGUAGE.test(text(channel, 'language', null)), '<language> is a language tag');
  rules.must(one(channel, 'link', ATOM)?.at.rel === 'self' || all(channel, 'link', ATOM).some((link) => link.at.rel === 'self'), 'the feed names its own address (RSS Best Practices, atom:link rel="self")');
  const names = new Set();
  for (const item of all(channel, 'item', null)) {
    rules.must(text(item, 'title', null) !== '' || text(item, 'description', null) !== '', 'an item has a title or a description');
    rules.must(whole(text(item, 'link', null)), 'an item leads to a whole address');
    rules.must(RFC822.test(text(item, 'pubDate', null)), 'an item has a date of RFC 822');
    const guid = one(item, 'guid', null);
    rules.must(guid && guid.text.trim() !== '' && !names.has(guid.text), 'an item has a <guid> of its own');
    rules.must(!guid || guid.at.isPermaLink === 'false' || whole(guid.text.trim()), 'a <guid> that is a permalink is a whole address');
    if (guid) names.add(guid.text);
    const enclosure = one(item, 'enclosure', null);
    rules.must(!enclosure || (whole(enclosure.at.url) && /^\d+$/.test(enclosure.at.length ?? '') && enclosure.at.type), 'an <enclosure> has url, length and type');
    for (const name of ['title', 'link', 'guid', 'pubDate', 'description']) rules.must(all(item, name, null).length <= 1, `an item has one <${name}> at most`);
  }
  return rules.broken;
}

/** Atom, RFC 4287. */
export async function atom(page, xml) {
  const rules = new Rules();
  const feed = await tree(page, xml);
  rules.must(feed.name === 'feed' && feed.space === ATOM, 'the root is an Atom feed (§4.1.1)');
  const person = (author) => rules.must(text(author, 'name') !== '', 'a person has a name (§3.2.1)');
  const common = (node, what) => {
    for (const name of ['id', 'title', 'updated']) rules.must(all(node, name).length === 1, `${what} has one <${name}> (§4.1)`);
    rules.must(/^[a-z][a-z0-9+.-]*:\S+$/i.test(text(node, 'id')), 'an id is an IRI with a scheme (§4.2.6)');
    for (const name of ['updated', 'published']) {
      const date = text(node, name);
      rules.must(date === '' ? name === 'published' : RFC3339.test(date), `<${name}> is a date of RFC 3339 (§3.3)`);
    }
    all(node, 'author').concat(all(node, 'contributor')).forEach(person);
    const kinds = all(node, 'link').filter((link) => (link.at.rel ?? 'alternate') === 'alternate').map((link) => `${link.at.type} ${link.at.hreflang}`);
    rules.must(new Set(kinds).size === kinds.length, `${what} has one alternate of a type and language (§4.1)`);
    rules.must(all(node, 'link').every((link) => link.at.href), 'a link has an href (§4.2.7.1)');
    rules.must(all(node, 'category').every((category) => category.at.term), 'a category has a term (§4.2.2.1)');
  };
  common(feed, 'the feed');
  rules.must(all(feed, 'link').some((link) => link.at.rel === 'self' && whole(link.at.href)), 'the feed names itself (§4.1.1)');
  const ids = new Set();
  for (const entry of all(feed, 'entry')) {
    common(entry, 'an entry');
    rules.must(!ids.has(text(entry, 'id')), 'no two entries have one id (§4.1.1)');
    ids.add(text(entry, 'id'));
    rules.must(all(feed, 'author').length > 0 || all(entry, 'author').length > 0, 'the feed or each entry has an author (§4.1.2)');
    const content = one(entry, 'content');
    rules.must(content || all(entry, 'link').some((link) => (link.at.rel ?? 'alternate') === 'alternate'), 'an entry has contents or an alternate (§4.1.2)');
    rules.must(!content || ['text', 'html', 'xhtml', undefined].includes(content.at.type), 'contents are text, html or xhtml (§4.1.3.1)');
  }
  return rules.broken;
}

/** JSON Feed 1.1, jsonfeed.org. */
export function json(body) {
  const rules = new Rules();
  const feed = JSON.parse(body);
  rules.must(feed.version === 'https://jsonfeed.org/version/1.1', 'it says which version it is');
  rules.must(typeof feed.title === 'string' && feed.title !== '', 'it has a title');
  for (const name of ['home_page_url', 'feed_url']) rules.must(whole(feed[name]), `${name} is a whole address`);
  rules.must(feed.language === undefined || LANGUAGE.test(feed.language), 'language is a language tag (RFC 5646)');
  rules.must(Array.isArray(feed.items), 'it has items');
  const ids = new Set();
  for (const item of feed.items ?? []) {
    rules.must(typeof item.id === 'string' && item.id !== '' && !ids.has(item.id), 'an item has an id of its own, a string');
    ids.add(item.id);
    rules.must(typeof item.content_html === 'string' || typeof item.content_text === 'string', 'an item has content_html or content_text');
    for (const name of ['url', 'external_url', 'image', 'banner_image']) rules.must(item[name] === undefined || whole(item[name]), `${name} is a whole address`);
    for (const name of ['date_published', 'date_modified']) rules.must(item[name] === undefined || RFC3339.test(item[name]), `${name} is a date of RFC 3339`);
    rules.must(item.authors === undefined || item.authors.every((author) => author.name || author.url || author.avatar), 'an author has a name, an address or a picture');
    rules.must(item.tags === undefined || item.tags.every((tag) => typeof tag === 'string'), 'tags are texts');
    rules.must((item.attachments ?? []).every((each) => whole(each.url) && each.mime_type), 'an attachment has an address and a type');
  }
  return rules.broken;
}

/** sitemaps.org 0.9: a list of addresses or of lists; with Google's news extension where there is one. */
export async function sitemap(page, xml, site) {
  const rules = new Rules();
  const root = await tree(page, xml);
  rules.must(Buffer.byteLength(xml) <= SITEMAP_BYTES_MAX, 'it is no larger than 50 MB');
  rules.must(root.space === SITEMAP && ['urlset', 'sitemapindex'].includes(root.name), 'the root is <urlset> or <sitemapindex>');
  const list = all(root, root.name === 'urlset' ? 'url' : 'sitemap');
  rules.must(list.length === root.in.length, 'the list holds nothing else');
  rules.must(list.length <= SITEMAP_ADDRESSES_MAX, 'it lists 50,000 addresses at most');
  const seen = new Set();
  let news = 0;
  for (const line of list) {
    const address = text(line, 'loc');
    rules.must(all(line, 'loc').length === 1 && whole(address) && address.length < 2048, 'each line has one whole address under 2,048 characters');
    rules.must(address.startsWith(site), 'an address is on this site');
    rules.must(!seen.has(address), 'no address is listed twice');
    seen.add(address);
    rules.must(text(line, 'lastmod') === '' || W3C_DATE.test(text(line, 'lastmod')), '<lastmod> is a date of the W3C profile');
    for (const about of all(line, 'news', NEWS)) {
      news += 1;
      const publication = one(about, 'publication');
      rules.must(publication && text(publication, 'name') !== '' && LANGUAGE.test(text(publication, 'language')), 'a news article names its publication and language');
      rules.must(W3C_DATE.test(text(about, 'publication_date')), 'a news article has its date of publication');
      rules.must(text(about, 'title') !== '', 'a news article has a title');
    }
    for (const link of all(line, 'link', 'http://www.w3.org/1999/xhtml')) {
      rules.must(link.at.rel === 'alternate' && whole(link.at.href) && (link.at.hreflang === 'x-default' || LANGUAGE.test(link.at.hreflang)), 'a translation has language and whole address');
    }
  }
  rules.must(news <= NEWS_ADDRESSES_MAX, 'it lists 1,000 news articles at most');
  return { broken: rules.broken, addresses: [...seen], isIndex: root.name === 'sitemapindex' };
}
