//! What the API lets in, refuses and sends.

use super::*;

#[tokio::test]
async fn the_api_refuses_what_the_real_one_refuses() {
    let visitor = Visitor::of(World::generate(1, 30, 10)).await;
    for (path, expected) in [
        ("/api/orders?status=-1", (400, "unsupported-query-parameters")),
        ("/api/orders?statusId=open", (400, "invalid-parameter")),
        (
            "/api/orders?creationTimeFrom=2024-01-01T00:00:00+0100",
            (400, "invalid-parameter"),
        ),
        ("/api/orders?page=2", (404, "page-not-found")),
        ("/api/orders?page=0", (400, "invalid-parameter")),
        ("/api/orders/does-not-exist", (404, "order-not-found")),
        ("/api/customers/none", (404, "customer-not-found")),
        ("/api/customers/changes", (400, "missing-parameter")),
        ("/api/customers/snapshot", (403, "webhook-job-finished-missing")),
        ("/api/system/jobs/none", (404, "job-not-found")),
        ("/api/webhooks/9", (404, "webhook-not-found")),
        ("/api/unheard-of", (404, "page-not-found")),
    ] {
        assert_eq!(
            visitor.refused(path).await,
            (expected.0, expected.1.to_owned()),
            "{path}"
        );
    }
    let with_offset = "/api/orders?creationTimeFrom=2016-01-01T00:00:00%2B0100";
    assert_eq!(visitor.data(with_offset).await["paginator"]["totalCount"], 10);

    visitor
        .shop
        .change(|world| world.doors.missing_rights.insert("orders".to_owned()));
    assert_eq!(
        visitor.refused("/api/orders").await,
        (403, "invalid-token-no-rights".to_owned())
    );
    let endpoints = visitor.data("/api/system/endpoints").await.to_string();
    assert!(endpoints.contains("customers/snapshot") && !endpoints.contains("orders"));
}

#[tokio::test]
async fn tokens_open_the_api_and_are_seen_where_they_do_not_belong() {
    let mut world = World::generate(1, 3, 3);
    world.clock = Clock::standing_at("2026-05-04T10:00:00Z".parse().unwrap());
    let oauth = world.doors.oauth_token.clone().unwrap();
    let visitor = Visitor::of(world).await;
    let eshop = format!("{}/api/eshop", visitor.shop.api_url());
    let ask = |header: &'static str, token: String| visitor.client.get(&eshop).header(header, token).send();

    let missing = visitor.client.get(&eshop).send().await.unwrap();
    assert_eq!(refusal(missing).await, (401, "missing-access-token".to_owned()));
    for (header, token) in [
        (ACCESS, visitor.token.clone()),
        (PRIVATE, "wrong".to_owned()),
        ("Authorization", format!("Bearer {}", visitor.token)),
    ] {
        assert_eq!(ask(header, token).await.unwrap().status(), 401, "{header}");
    }

    let mut tokens = Vec::new();
    for _ in 0..5 {
        let answer = visitor
            .client
            .get(visitor.shop.token_url())
            .bearer_auth(&oauth)
            .send()
            .await
            .unwrap();
        let body: Value = answer.json().await.unwrap();
        assert_eq!(body["expires_in"], 1800);
        let token = body["access_token"].as_str().unwrap().to_owned();
        assert!((38..=60).contains(&token.len()), "{token}");
        tokens.push(token);
    }
    let sixth = visitor
        .client
        .get(visitor.shop.token_url())
        .bearer_auth(&oauth)
        .send()
        .await
        .unwrap();
    assert_eq!(sixth.status(), 429);
    assert_eq!(
        sixth.json::<Value>().await.unwrap(),
        json!({"error": "maximum_tokens_reached"})
    );
    let wrong = visitor
        .client
        .get(visitor.shop.token_url())
        .bearer_auth("wrong")
        .send()
        .await
        .unwrap();
    assert_eq!(wrong.status(), 401);
    assert_eq!(ask(ACCESS, tokens[0].clone()).await.unwrap().status(), 200);

    visitor
        .shop
        .change(|world| world.time_passes(SignedDuration::from_mins(30)));
    let expired = ask(ACCESS, tokens[0].clone()).await.unwrap();
    assert_eq!(refusal(expired).await, (401, "expired-token".to_owned()));
    let next = visitor
        .client
        .get(visitor.shop.token_url())
        .bearer_auth(&oauth)
        .send()
        .await
        .unwrap();
    assert_eq!(next.status(), 200);

    assert!(visitor.shop.leaked_tokens().is_empty());
    let link = visitor.link("/export/orders.xml?patternId=-11", "orders");
    visitor
        .client
        .get(link)
        .header(PRIVATE, &visitor.token)
        .send()
        .await
        .unwrap();
    assert_eq!(visitor.shop.leaked_tokens().len(), 1);
}

#[tokio::test]
async fn lists_come_in_pages_and_details_in_full() {
    let visitor = Visitor::of(World::generate(2, 45, 120)).await;
    let second = visitor.data("/api/customers?page=2").await;
    assert_eq!(
        second["paginator"],
        json!({"totalCount": 45, "page": 2, "pageCount": 3, "itemsOnPage": 20, "itemsPerPage": 20})
    );
    let listed = &second["customers"][0];
    assert!(listed.get("accounts").is_none() && !listed.to_string().contains(".example\""));
    let all = visitor.data("/api/customers?itemsPerPage=5000").await;
    assert_eq!(all["paginator"]["itemsPerPage"], 1000);
    assert_eq!(
        visitor.data("/api/orders?itemsPerPage=100").await["paginator"]["itemsPerPage"],
        50
    );

    let guid = listed["guid"].as_str().unwrap();
    let detail = visitor.data(&format!("/api/customers/{guid}")).await;
    let email = detail["customer"]["accounts"][0]["email"].as_str().unwrap();
    let found = visitor
        .data(&format!("/api/customers?email={}", email.to_uppercase()))
        .await;
    assert_eq!(found["customers"][0]["guid"], guid);
    assert!(visitor.data("/api/eshop?include=ORDERSTATUSES").await["orderStatuses"].is_object());
    assert!(visitor.data("/api/eshop").await.get("orderStatuses").is_none());
}

/// The names that the interface description requires; a record lacking one would be none of the shop's.
#[tokio::test]
async fn records_have_every_required_field() {
    let visitor = Visitor::of(World::generate(3, 40, 200)).await;
    let (guid, code) = visitor
        .shop
        .change(|w| (w.customers[7].guid.clone(), w.orders[150].code.clone()));
    let customer = visitor.data(&format!("/api/customers/{guid}")).await["customer"].take();
    for name in [
        "guid",
        "billingAddress",
        "deliveryAddress",
        "creationTime",
        "customerGroup",
        "priceList",
        "remark",
        "priceRatio",
        "birthDate",
        "disabledOrders",
        "accounts",
        "remarks",
        "changeTime",
        "adminUrl",
    ] {
        assert!(customer.get(name).is_some(), "customer.{name}");
    }
    let order = visitor.data(&format!("/api/orders/{code}?include=notes")).await["order"].take();
    for name in [
        "code",
        "guid",
        "externalCode",
        "creationTime",
        "changeTime",
        "email",
        "phone",
        "clientIPAddress",
        "customerGuid",
        "vatPayer",
        "cashDeskOrder",
        "stockId",
        "addressesEqual",
        "billingMethod",
        "paymentMethod",
        "shipping",
        "adminUrl",
        "status",
        "price",
        "paid",
        "billingAddress",
        "deliveryAddress",
        "items",
        "notes",
    ] {
        assert!(order.get(name).is_some(), "order.{name}");
    }
    for name in [
        "productGuid",
        "code",
        "ean",
        "itemType",
        "name",
        "variantName",
        "brand",
        "remark",
        "weight",
        "additionalField",
        "amount",
        "amountUnit",
        "priceRatio",
        "status",
        "itemPrice",
        "unitPrice",
        "purchasePrice",
        "recyclingFee",
        "itemId",
        "warrantyDescription",
        "amountCompleted",
    ] {
        assert!(order["items"][0].get(name).is_some(), "item.{name}");
    }
    let time = order["creationTime"].as_str().unwrap();
    assert!(time.ends_with("+0100") || time.ends_with("+0200"), "{time}");
    assert!(
        order["price"]["exchangeRate"]
            .as_str()
            .unwrap()
            .split_once('.')
            .unwrap()
            .1
            .len()
            == 8
    );
}

#[tokio::test]
async fn changes_tell_edits_and_deletions_once() {
    let mut world = World::generate(6, 30, 30);
    world.clock = Clock::standing_at("2026-05-04T10:00:00Z".parse().unwrap());
    let deleted = world.customer_is_deleted().unwrap().customers.remove(0);
    let edited = world.customer_changes_email().unwrap().customers.remove(0);
    let visitor = Visitor::of(world).await;
    let data = visitor
        .data("/api/customers/changes?from=2026-05-04T12:00:00%2B02:00")
        .await;
    let mut told: Vec<(&str, &str)> = data["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| {
            (
                change["guid"].as_str().unwrap(),
                change["changeType"].as_str().unwrap(),
            )
        })
        .collect();
    told.sort_unstable();
    let mut expected = vec![(deleted.as_str(), "delete"), (edited.as_str(), "edit")];
    expected.sort_unstable();
    assert_eq!(told, expected);
    let all = visitor
        .data("/api/customers/changes?from=2010-01-01T00:00:00%2B0100&itemsPerPage=100")
        .await;
    assert_eq!(all["paginator"]["itemsPerPage"], 20);
    let deletions = visitor
        .data("/api/customers/changes?from=2010-01-01T00:00:00%2B0100&changeType=delete")
        .await;
    assert_eq!(deletions["paginator"]["totalCount"], 1);
}

#[tokio::test]
async fn a_full_bucket_says_when_to_come_again() {
    let mut world = World::generate(7, 1, 1);
    world.clock = Clock::standing_at("2026-05-04T10:00:00Z".parse().unwrap());
    let at = world.clock.now();
    world.limits.bucket = Some(Bucket {
        capacity: 2.0,
        drain_per_second: 1.0,
        filling: 0.0,
        at,
    });
    let visitor = Visitor::of(world).await;
    let filling = |answer: &Response| {
        answer.headers()["X-RateLimit-Bucket-Filling"]
            .to_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(filling(&visitor.get("/api/eshop").await), "1/2");
    assert_eq!(filling(&visitor.get("/api/eshop").await), "2/2");
    let full = visitor.get("/api/eshop").await;
    assert_eq!(full.status(), 429);
    let until = httpdate::parse_http_date(full.headers()["Retry-After"].to_str().unwrap()).unwrap();
    let until = Timestamp::try_from(until).unwrap();
    visitor
        .shop
        .change(|world| world.time_passes(until.duration_since(world.clock.now())));
    assert_eq!(visitor.get("/api/eshop").await.status(), 200);
}

#[tokio::test]
async fn a_fourth_connection_with_one_token_is_refused() {
    let mut world = World::generate(7, 1, 1);
    world.limits.latency = Duration::from_millis(300);
    let visitor = Visitor::of(world).await;
    let answers = futures_util::future::join_all((0..4).map(|_| visitor.get("/api/eshop"))).await;
    let refused = answers.iter().filter(|answer| answer.status() == 429).count();
    assert_eq!((refused, visitor.shop.most_at_once()), (1, 4));
    drop(answers);
    assert_eq!(visitor.get("/api/eshop").await.status(), 200);
}

#[tokio::test]
async fn announced_ends_are_in_the_headers() {
    let mut world = World::generate(7, 1, 1);
    let sunset = "Fri, 01 Jan 2027 00:00:00 GMT".to_owned();
    world
        .limits
        .deprecated
        .insert("/api/eshop".to_owned(), sunset.clone());
    let visitor = Visitor::of(world).await;
    let answer = visitor.get("/api/eshop").await;
    assert_eq!(answer.headers()["Sunset"], sunset.as_str());
    assert!(answer.headers().contains_key("X-Shoptet-Deprecated"));
    assert!(!visitor.get("/api/orders").await.headers().contains_key("Sunset"));
}
