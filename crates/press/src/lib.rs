//! press
pub mod feed_html;
pub mod html;
pub mod ink;
pub mod mail_html;
pub mod markdown;
pub mod message;
pub mod page;
pub mod text;
pub mod theme;
pub mod words;
