//! Whoever keeps the orders of a shop by its links, as an incremental run has to.

use std::collections::BTreeMap;

use jiff::Timestamp;
use shoptet_sync::demo::SimulatedShop;
use shoptet_sync::model::{Order, Reading};
use shoptet_sync::source::document::read_orders;
use shoptet_sync::source::{Extent, OrdersLink};

use super::simulated::{locale, shop_of};
use super::*;

/// Reads a document; an error when it cannot be trusted.
pub fn orders_in(download: &Download) -> Result<Vec<Order>, Error> {
    let mut orders = Vec::new();
    read_orders(&download.path, &locale(), &mut |reading, _| {
        if let Reading::Record(order) = reading {
            orders.push(order);
        }
        Ok(())
    })?;
    Ok(orders)
}

/// Whoever keeps the orders, as an incremental run has to: the note that the feed is being read, the
/// orders with the cursor in one step, then the spool emptied.
pub struct Keeper {
    pub orders: BTreeMap<String, Order>,
    pub cursor: Timestamp,
    pub feed_is_open: bool,
    pub folder: Folder,
}

impl Keeper {
    /// After a first full export.
    pub async fn new(simulated: &SimulatedShop) -> Self {
        let folder = Folder::new();
        let full = shop_of(simulated)
            .download_orders(&folder.spool(), &Silent)
            .await
            .unwrap();
        assert_eq!((full.extent, full.complete), (Extent::Whole, true));
        let mut keeper = Self {
            orders: BTreeMap::new(),
            cursor: full.cursor,
            // It may have moved the mark.
            feed_is_open: true,
            folder,
        };
        keeper.store(&full).unwrap();
        keeper.feed_is_open = true;
        keeper.folder.spool().discard(Section::Orders).unwrap();
        keeper
    }

    fn link(&self) -> OrdersLink {
        if self.feed_is_open {
            OrdersLink::Ordinary
        } else {
            OrdersLink::Feed
        }
    }

    pub fn store(&mut self, download: &Download) -> Result<(), Error> {
        for order in orders_in(download)? {
            self.orders.insert(order.code.clone(), order);
        }
        self.cursor = download.cursor;
        self.feed_is_open = false;
        Ok(())
    }

    /// One run of a process that starts anew: downloads and stores.
    pub async fn run(&mut self, simulated: &SimulatedShop) -> Result<Download, Error> {
        let download = self.download(simulated).await?;
        let stored = self.store(&download);
        self.folder.spool().discard(Section::Orders).unwrap();
        stored.map(|()| download)
    }

    pub async fn download(&mut self, simulated: &SimulatedShop) -> Result<Download, Error> {
        let spool = self.folder.spool();
        spool.remove_leftovers().unwrap();
        let link = self.link();
        self.feed_is_open = true;
        shop_of(simulated)
            .download_changed_orders(link, self.cursor, &spool, &Silent)
            .await
    }
}

/// Holds that what was kept is what a full export says now.
pub async fn agrees(keeper: &Keeper, simulated: &SimulatedShop, told: &str) {
    let folder = Folder::new();
    let full = shop_of(simulated)
        .download_orders(&folder.spool(), &Silent)
        .await
        .unwrap();
    let orders = orders_in(&full).unwrap();
    let differing: Vec<&String> = orders
        .iter()
        .filter(|order| keeper.orders.get(&order.code) != Some(order))
        .map(|order| &order.code)
        .collect();
    assert_eq!(differing, Vec::<&String>::new(), "{told}");
    assert_eq!(keeper.orders.len(), orders.len(), "{told}");
}
