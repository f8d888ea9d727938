//! press
pub mod feed;
pub mod feed_html;
pub mod front_matter;
pub mod html;
pub mod ink;
pub mod json_ld;
pub mod license;
pub mod mail_html;
pub mod markdown;
pub mod message;
pub mod page;
pub mod picture;
pub mod sample;
pub mod sitemap;
pub mod text;
pub mod theme;
pub mod words;
mod xml;
