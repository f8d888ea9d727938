//! Reading without a network: offered only where the newsroom wants it. What browsers do with it is tested in one
//! (`tests/browser/run.mjs`).

use crate::paper::Paper;
use desk::LookForm;
use http::StatusCode;
use newsroom::staff::{Role, Staff};

async fn offered(paper: &Paper, offline: bool) {
    let known = paper.desk.staff().await.unwrap().into_iter().find(|member| member.staff.role == Role::Owner);
    let owner = match known {
        Some(member) => member.staff,
        None => {
            let id = paper.desk.invite(None, "Ada", "ada@paper.example", Role::Owner).await.unwrap();
            Staff { id, name: "Ada".into(), role: Role::Owner }
        }
    };
    let look = LookForm { offline, ..LookForm::of(&paper.desk.paper().publication) };
    paper.desk.set_look(&owner, look).await.unwrap();
}

crate::on_both! {
    async fn nothing_is_kept_on_anybody_s_phone_unless_the_newsroom_offers_it(paper) {
        let page = paper.get("/").await;
        page.hides("<script>").hides("rel=\"manifest\"");
        assert!(!page.header("content-security-policy").contains("script-src"));
        assert_eq!(paper.get("/manifest.webmanifest").await.status, StatusCode::NOT_FOUND);
        paper.get("/offline.js").await.says("registration.unregister()").hides("respondWith");
    }

    async fn a_page_that_may_be_kept_names_one_script_and_lets_no_other_run(paper) {
        offered(&paper, true).await;
        for (path, manifest) in [("/", "/manifest.webmanifest"), ("/fr/", "/fr/manifest.webmanifest"), ("/world", "/manifest.webmanifest")] {
            let page = paper.get(path).await;
            page.says(&format!("<link rel=\"manifest\" href=\"{manifest}\">")).says("register('/offline.js')");
            let policy = page.header("content-security-policy").to_owned();
            assert!(policy.contains("script-src 'sha256-") && policy.contains("worker-src 'self'"), "{policy}");
            assert!(!policy.contains("unsafe") && policy.starts_with("default-src 'none'"), "{policy}");
        }
        let french = paper.get("/fr/manifest.webmanifest").await;
        french.says("\"name\":\"The Morning\"").says("\"start_url\":\"/fr/\"").says("\"lang\":\"fr\"");
        let script = paper.get("/offline.js").await;
        assert_eq!(script.header("content-type"), "text/javascript; charset=utf-8");
        script.says("const MAIN = \"en\"").says("Pas de réseau").says("\"dir\":\"rtl\"");
        offered(&paper, false).await;
        paper.get("/").await.hides("<script>");
        paper.get("/offline.js").await.says("registration.unregister()");
    }
}
