//! What the shop tells of its changes, and what it leaves open.

use shoptet_sync::demo::world::{ChangesOrder, TooOld};

use super::*;

const SINCE: &str = "from=2026-05-04T12:00:00%2B02:00";

/// Ten o'clock UTC; three orders are edited, one second after the other, one is deleted.
async fn with_changes() -> (Visitor, Vec<String>, String) {
    let mut world = World::generate(6, 30, 30);
    world.clock = Clock::standing_at("2026-05-04T10:00:00Z".parse().unwrap());
    let codes: Vec<String> = [7, 3, 5].map(|at: usize| world.orders[at].code.clone()).to_vec();
    for code in &codes {
        world.touch_order(code);
        world.time_passes(SignedDuration::from_secs(1));
    }
    let gone = world.order_is_deleted().unwrap().orders.remove(0);
    let codes = codes.into_iter().filter(|code| *code != gone).collect();
    world.time_passes(SignedDuration::from_secs(1));
    (Visitor::of(world).await, codes, gone)
}

async fn told(visitor: &Visitor, query: &str) -> Vec<(String, String)> {
    let data = visitor.data(&format!("/api/orders/changes?{query}")).await;
    let changes = data["changes"].as_array().unwrap();
    assert_eq!(data["paginator"]["totalCount"], changes.len());
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    changes
        .iter()
        .map(|change| (text(&change["code"]), text(&change["changeType"])))
        .collect()
}

#[tokio::test]
async fn the_order_of_the_list_and_its_words_can_be_set() {
    let (visitor, codes, gone) = with_changes().await;
    let edit = |code: &String| (code.clone(), "edit".to_owned());
    let delete = (gone.clone(), "delete".to_owned());
    let oldest_first: Vec<_> = codes.iter().map(edit).chain([delete.clone()]).collect();
    assert_eq!(told(&visitor, SINCE).await, oldest_first);
    visitor
        .shop
        .change(|world| world.changes.order = ChangesOrder::NewestFirst);
    let mut newest_first = oldest_first.clone();
    newest_first.reverse();
    assert_eq!(told(&visitor, SINCE).await, newest_first);
    visitor
        .shop
        .change(|world| world.changes.order = ChangesOrder::ByKey);
    let mut by_key = oldest_first;
    by_key.sort();
    assert_eq!(told(&visitor, SINCE).await, by_key);

    assert_eq!(
        told(&visitor, &format!("{SINCE}&changeType=delete")).await,
        [delete]
    );
    let placed = visitor.shop.change(|world| {
        world.changes.creation_is_add = true;
        world.changes.without_time = true;
        world.known_guest_orders_again().unwrap().orders.remove(0)
    });
    let edits = told(&visitor, &format!("{SINCE}&changeType=edit")).await;
    assert!(edits.contains(&(placed, "add".to_owned())), "{edits:?}");
    assert_eq!(edits.len(), codes.len() + 1);
    let data = visitor.data(&format!("/api/orders/changes?{SINCE}")).await;
    assert_eq!(data["changes"][0]["changeTime"], Value::Null);
}

#[tokio::test]
async fn a_code_that_comes_again_is_told_once_with_its_last_change() {
    let (visitor, _, gone) = with_changes().await;
    let again = |visitor: &Visitor| {
        visitor.shop.change(|world| {
            world.time_passes(SignedDuration::from_secs(1));
            world.order_code_comes_again().unwrap().orders.remove(0)
        })
    };
    assert_eq!(again(&visitor), gone);
    let kind = |told: Vec<(String, String)>| {
        let of: Vec<String> = told
            .into_iter()
            .filter_map(|(code, kind)| (code == gone).then_some(kind))
            .collect();
        of.join(" ")
    };
    assert_eq!(kind(told(&visitor, SINCE).await), "edit");
    visitor.shop.change(|world| {
        world.time_passes(SignedDuration::from_secs(1));
        world.orders.retain(|order| order.code == gone);
        world.order_is_deleted().unwrap();
    });
    assert_eq!(kind(told(&visitor, SINCE).await), "delete");
}

#[tokio::test]
async fn history_ends_after_thirty_days() {
    let (visitor, codes, _) = with_changes().await;
    let old = "from=2026-01-01T12:00:00%2B02:00";
    assert_eq!(told(&visitor, old).await.len(), codes.len() + 1);
    visitor
        .shop
        .change(|world| world.time_passes(SignedDuration::from_hours(31 * 24)));
    assert_eq!(told(&visitor, old).await, [], "what is not kept is not told");
    visitor
        .shop
        .change(|world| world.changes.empty_has_no_page = true);
    let nothing = visitor.refused(&format!("/api/orders/changes?{old}")).await;
    assert_eq!(nothing, (404, "page-not-found".to_owned()));
    for status in [400, 422] {
        visitor
            .shop
            .change(|world| world.changes.too_old = TooOld::Refused(status));
        let refused = visitor.refused(&format!("/api/customers/changes?{old}")).await;
        assert_eq!(refused, (status, "invalid-parameter".to_owned()));
    }
}

/// The lists shift while they are paged, as somebody changes something in between.
#[tokio::test]
async fn something_may_happen_before_each_request() {
    let mut world = World::generate(6, 45, 3);
    world.clock = Clock::standing_at("2026-05-04T10:00:00Z".parse().unwrap());
    for at in 0..45 {
        let guid = world.customers[at].guid.clone();
        world.touch_customer(&guid);
        world.time_passes(SignedDuration::from_secs(1));
    }
    let (first, slides) = (world.customers[0].guid.clone(), world.customers[20].guid.clone());
    let visitor = Visitor::of(world).await;
    visitor.shop.before_each(move |request, world| {
        if request.parameter("page") == Some("2") {
            world.touch_customer(&first);
        }
    });
    let mut seen = Vec::new();
    for page in 1..=3 {
        let data = visitor
            .data(&format!("/api/customers/changes?{SINCE}&page={page}"))
            .await;
        assert_eq!(data["paginator"]["totalCount"], 45, "nothing to be seen here");
        let changes = data["changes"].as_array().unwrap().clone();
        seen.extend(
            changes
                .iter()
                .map(|change| change["guid"].as_str().unwrap().to_owned()),
        );
    }
    assert_eq!(seen.len(), 45);
    assert!(!seen.contains(&slides), "it slid into the page that was read");
}

#[tokio::test]
async fn snapshots_take_changes_alone() {
    let (visitor, codes, _) = with_changes().await;
    visitor.register_job_finished().await;
    let path = "/api/orders/snapshot?changeTimeFrom=2026-05-04T10:00:00%2B0000\
                &changeTimeTo=2026-05-04T12:00:01%2B0200";
    let id = visitor.start_snapshot(path).await;
    visitor.data("/api/system/jobs").await;
    let job = visitor.data(&format!("/api/system/jobs/{id}")).await;
    let result = job["job"]["resultUrl"].as_str().unwrap().to_owned();
    let bytes = visitor
        .client
        .get(result)
        .send()
        .await
        .unwrap()
        .bytes()
        .await
        .unwrap();
    let lines = unpack(&bytes).unwrap();
    let told: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(!told.is_empty() && told.len() <= 2);
    assert!(
        told.iter()
            .all(|order| codes.iter().any(|code| order["code"] == code.as_str()))
    );
}

#[tokio::test]
async fn the_newsletter_is_a_list_with_its_changes() {
    let mut world = World::generate(6, 1_500, 3);
    world.clock = Clock::standing_at("2026-05-04T10:00:00Z".parse().unwrap());
    let joined = world.somebody_subscribes().unwrap();
    let left = world.somebody_unsubscribes().unwrap();
    let visitor = Visitor::of(world).await;
    let lists = visitor.data("/api/mailing-lists").await;
    assert_eq!(lists["mailingLists"][0]["code"], "newsletters");
    let page = visitor
        .data("/api/mailing-lists/newsletters?itemsPerPage=900&page=2")
        .await;
    assert_eq!(page["paginator"]["itemsPerPage"], 500);
    assert!(page["emails"][0]["added"].is_string());
    let changes = visitor
        .data(&format!("/api/mailing-lists/newsletters/changes?{SINCE}"))
        .await;
    let mut told: Vec<(&str, &str)> = changes["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| {
            (
                change["email"].as_str().unwrap(),
                change["changeType"].as_str().unwrap(),
            )
        })
        .collect();
    told.sort_unstable_by_key(|(_, kind)| *kind);
    let (joined, left) = (joined.email.unwrap(), left.email.unwrap());
    assert_eq!(told, [(left.as_str(), "delete"), (joined.as_str(), "edit")]);
    let unsubscribed = visitor.data("/api/unsubscribed-emails").await;
    assert_eq!(unsubscribed["unsubscribedEmails"][0]["email"], left);
    let later = visitor
        .data("/api/unsubscribed-emails?from=2026-05-04T12:00:01%2B0200")
        .await;
    assert_eq!(later["paginator"]["totalCount"], 0);

    for path in [
        "/api/mailing-lists/other",
        "/api/mailing-lists/other/changes?from=2026-01-01T00:00:00Z",
    ] {
        assert_eq!(
            visitor.refused(path).await,
            (404, "mailing-list-not-found".to_owned())
        );
    }
    visitor.shop.change(|world| world.mailing.module = false);
    for path in ["/api/mailing-lists", "/api/mailing-lists/newsletters"] {
        assert_eq!(visitor.refused(path).await, (403, "missing-module".to_owned()));
    }
}
