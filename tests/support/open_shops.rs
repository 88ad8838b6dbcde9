//! Shops that show their documents under their permanent links, so that one import reads several of them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::extract::Request;

use crate::imported::{Home, TARGET};

/// The shops, by name; they end with the test.
pub struct OpenShops {
    runtime: tokio::runtime::Runtime,
    /// Name and group of each shop, and where it is, in the order of the configuration.
    shops: Vec<(String, String, String)>,
    /// By shop and path.
    documents: Arc<Mutex<BTreeMap<(String, String), String>>>,
}

impl OpenShops {
    /// Shops of these groups, with nothing in them.
    pub fn open<'a>(shops: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut open = Self {
            runtime: tokio::runtime::Builder::new_multi_thread()
                .worker_threads(1)
                .enable_all()
                .build()
                .unwrap(),
            shops: Vec::new(),
            documents: Arc::default(),
        };
        for (name, group) in shops {
            let address = open.serve(name.to_owned());
            open.shops.push((name.to_owned(), group.to_owned(), address));
            open.show(name, "", "");
        }
        open
    }

    /// From now on a shop shows these documents.
    pub fn show(&self, shop: &str, customers: &str, orders: &str) {
        let mut documents = self.documents.lock().unwrap();
        for (path, text, nothing) in [
            ("/export/customers.xml", customers, "<CUSTOMERS></CUSTOMERS>"),
            ("/export/orders.xml", orders, "<ORDERS></ORDERS>"),
        ] {
            // An answer without a byte would be a broken one.
            let text = if text.is_empty() { nothing } else { text };
            documents.insert((shop.to_owned(), path.to_owned()), text.to_owned());
        }
    }

    /// A home that knows the shops and one target; `more` ends the part of each shop.
    pub fn home(&self, more: &str) -> Home {
        let shop = |(name, group, address): &(String, String, String)| {
            format!(
                "[[shop]]\nname = \"{name}\"\ngroup = \"{group}\"\nurl = \"{address}\"\ncountry = \"CZ\"\n\
                 currency = \"CZK\"\ntimezone = \"UTC\"\n[shop.exports]\nmin_interval = \"0s\"\n\
                 customers_hash = \"x\"\norders_hash = \"x\"\n{more}"
            )
        };
        Home::with(&(self.shops.iter().map(shop).collect::<String>() + TARGET))
    }

    fn serve(&self, shop: String) -> String {
        let documents = Arc::clone(&self.documents);
        let router = axum::Router::new().fallback(move |request: Request| {
            let place = (shop.clone(), request.uri().path().to_owned());
            let text = documents.lock().unwrap().get(&place).cloned();
            async move { text.unwrap_or_default() }
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0");
        let listener = self.runtime.block_on(listener).unwrap();
        let address = format!("http://{}/", listener.local_addr().unwrap());
        self.runtime
            .spawn(async move { axum::serve(listener, router).await });
        address
    }
}
