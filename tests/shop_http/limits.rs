//! Log-in, limits, retries.

use super::*;

#[tokio::test]
async fn an_expired_token_is_renewed_once_for_all() {
    let handed_out = Arc::new(AtomicUsize::new(0));
    let counter = handed_out.clone();
    let server = SmallShop::start(move |asked, _| match asked.path.as_str() {
        "/token" => {
            assert_eq!(asked.header("authorization"), "Bearer canary-oauth");
            let serial = counter.fetch_add(1, Ordering::SeqCst);
            answer(
                200,
                format!(r#"{{"access_token":"access-{serial}","expires_in":1800}}"#),
            )
        }
        _ if asked.header("shoptet-access-token") == "access-0" => refusal(
            401,
            "expired-token",
            "Token access-0 is expired. Please ask for new one.",
        ),
        _ => data(r#"{"customer":{"guid":"x"}}"#),
    })
    .await;
    let mut settings = settings(&server.url);
    settings.api.as_mut().unwrap().token = ApiToken::Addon {
        oauth_token: Secret::new("canary-oauth".into()),
        token_url: server.url.join("/token").unwrap(),
    };
    let addon_shop = shop(&settings);
    let (a, b, c) = tokio::join!(
        addon_shop.customer("a"),
        addon_shop.customer("b"),
        addon_shop.customer("c")
    );
    assert!(a.is_ok() && b.is_ok() && c.is_ok());
    assert_eq!(
        handed_out.load(Ordering::SeqCst),
        2,
        "the expired one and one new one for all"
    );
    assert!(
        server
            .asked("/token")
            .iter()
            .all(|asked| asked.header("shoptet-access-token").is_empty())
    );
}

#[tokio::test]
async fn a_token_that_stays_refused_is_not_renewed_again_and_again() {
    let server = SmallShop::start(|asked, _| match asked.path.as_str() {
        "/token" => answer(200, r#"{"access_token":"access-canary"}"#),
        _ => refusal(401, "invalid-token", "access-canary jana@canary.cz"),
    })
    .await;
    let mut settings = settings(&server.url);
    settings.api.as_mut().unwrap().token = ApiToken::Addon {
        oauth_token: Secret::new("canary-oauth".into()),
        token_url: server.url.join("/token").unwrap(),
    };
    let error = shop(&settings).customer("a").await.unwrap_err();
    insta::assert_snapshot!(error, @"asking the API of shop main for /api/customers/{id}: HTTP 401, invalid-token, … …, request 019c8c34-64f3 (renew the token or the hash in the shop's administration and in the configuration)");
    assert_eq!(server.asked("/token").len(), 2);
    assert_eq!(server.asked("/api/customers/a").len(), 2);

    let server = SmallShop::start(|_, _| answer(429, r#"{"error":"maximum_tokens_reached"}"#)).await;
    settings.api.as_mut().unwrap().token = ApiToken::Addon {
        oauth_token: Secret::new("canary-oauth".into()),
        token_url: server.url.join("/token").unwrap(),
    };
    let error = shop(&settings).customer("a").await.unwrap_err();
    assert_eq!(error.kind(), Kind::Busy);
    assert!(error.hint().contains("five tokens"), "{error}");
    assert_eq!(
        server.asked("/token").len(),
        1,
        "a quota does not free itself in a second"
    );
}

#[tokio::test]
async fn busy_and_faulty_answers_are_waited_out() {
    let soon =
        |seconds: u64| httpdate::fmt_http_date(std::time::SystemTime::now() + Duration::from_secs(seconds));
    for (name, refused, at_least) in [
        (
            "429 with a date",
            Some(("retry-after", soon(2))),
            Duration::from_millis(900),
        ),
        ("429 without", None, Duration::from_millis(13)),
        ("423", None, Duration::from_millis(50)),
        ("503", None, Duration::ZERO),
    ] {
        let status = name.get(..3).unwrap().parse().unwrap();
        let count = AtomicUsize::new(0);
        let count = Arc::new(count);
        let server = SmallShop::start(move |_, _| {
            if count.fetch_add(1, Ordering::SeqCst) > 0 {
                return data(r#"{"customer":{"guid":"x"}}"#);
            }
            let response = refusal(status, "busy", "wait");
            match &refused {
                Some((name, value)) => with_header(response, name, value),
                None => response,
            }
        })
        .await;
        let started = Instant::now();
        assert!(
            shop(&settings(&server.url))
                .customer("x")
                .await
                .unwrap()
                .is_some(),
            "{name}"
        );
        assert!(started.elapsed() >= at_least, "{name}: {:?}", started.elapsed());
    }
}

#[tokio::test]
async fn patience_has_an_end() {
    let server = SmallShop::start(|_, _| refusal(503, "system-maintenance", "later")).await;
    let error = shop(&settings(&server.url)).customer("x").await.unwrap_err();
    assert_eq!(error.kind(), Kind::ServerFault);
    assert_eq!(server.asked_at_all().len(), 4);

    let server = SmallShop::start(|_, _| with_header(refusal(429, "full", "x"), "retry-after", "3600")).await;
    assert_eq!(
        shop(&settings(&server.url))
            .customer("x")
            .await
            .unwrap_err()
            .kind(),
        Kind::Busy
    );
    assert_eq!(server.asked_at_all().len(), 1, "an hour is for the next run");

    let server = SmallShop::start(|_, _| refusal(403, "invalid-token-no-rights", "x")).await;
    assert_eq!(
        shop(&settings(&server.url))
            .customer("x")
            .await
            .unwrap_err()
            .kind(),
        Kind::RightsMissing
    );
    assert_eq!(server.asked_at_all().len(), 1, "asking again gives no rights");

    let nobody: Url = "http://127.0.0.1:9/".parse().unwrap();
    let error = shop(&settings(&nobody)).customer("x").await.unwrap_err();
    assert_eq!(error.kind(), Kind::Unreachable);
    assert!(error.cause().contains("refused"), "{error}");
}

#[tokio::test]
async fn a_full_bucket_slows_the_next_request_down() {
    let server = SmallShop::start(|_, _| {
        with_header(
            data(r#"{"customer":{}}"#),
            "X-RateLimit-Bucket-Filling",
            "200/200",
        )
    })
    .await;
    let shop = shop(&settings(&server.url));
    shop.customer("a").await.unwrap();
    let started = Instant::now();
    shop.customer("b").await.unwrap();
    assert!(
        started.elapsed() > Duration::from_millis(30),
        "40 drops of 1 ms: {:?}",
        started.elapsed()
    );
}

#[tokio::test]
async fn two_requests_are_under_way_at_most() {
    let counts = Arc::new(Mutex::new((0, 0)));
    let at_once = counts.clone();
    let server = SmallShop::start(move |_, _| {
        let leaving = at_once.clone();
        let mut now = at_once.lock().unwrap();
        now.0 += 1;
        now.1 = now.0.max(now.1);
        answer(
            200,
            Body::from_stream(futures_util::stream::once(async move {
                tokio::time::sleep(Duration::from_millis(10)).await;
                leaving.lock().unwrap().0 -= 1;
                Ok::<_, std::io::Error>(r#"{"data":{"customer":{}}}"#)
            })),
        )
    })
    .await;
    let shop = shop(&settings(&server.url));
    let all = futures_util::future::join_all((0..12).map(|_| shop.customer("x"))).await;
    assert!(all.iter().all(Result::is_ok));
    assert_eq!(counts.lock().unwrap().1, 2);
}

#[tokio::test]
async fn a_redirect_takes_no_token_elsewhere() {
    let elsewhere = SmallShop::start(|_, _| data(r#"{"customer":{}}"#)).await;
    let there = elsewhere.url.to_string();
    let server = SmallShop::start(move |_, _| with_header(answer(302, ""), "location", &there)).await;
    assert_eq!(
        shop(&settings(&server.url))
            .customer("x")
            .await
            .unwrap_err()
            .kind(),
        Kind::NotData
    );
    assert_eq!(elsewhere.asked_at_all().len(), 0);
}
