//! Writes a shop of any size as the files a merchant would download, without holding it.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::demo::render::{json, xml};
use crate::demo::world::{Encoding, Shop};
use crate::error::{Doing, Error, Kind, Result};

use super::Generator;

/// How much was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// Bytes of JSON before compression.
    pub customers_json: u64,
    /// Bytes of XML.
    pub orders_xml: u64,
}

/// Writes `customers.jsonl.gz` and `orders.xml` into a directory, which is made when missing.
///
/// # Errors
/// [`Kind::Disk`] when a file cannot be written.
pub fn write_files(seed: u64, customers: usize, orders: usize, directory: &Path) -> Result<Written> {
    let doing = || "writing the files of a simulated shop".to_owned();
    std::fs::create_dir_all(directory).doing(Kind::Disk, doing)?;
    let generator = Generator::new(seed, customers, orders);
    let shop = Shop::simulated();
    // The two files have nothing to do with each other: two threads take half the time.
    std::thread::scope(|scope| {
        let customers =
            scope.spawn(|| write_customers(&generator, &shop, &directory.join("customers.jsonl.gz")));
        let orders_xml =
            write_orders(&generator, &shop, &directory.join("orders.xml")).doing(Kind::Disk, doing)?;
        let customers_json = customers
            .join()
            .map_err(|_| Error::new(Kind::Disk, doing(), "the thread that writes customers ended"))?
            .doing(Kind::Disk, doing)?;
        Ok(Written {
            customers_json,
            orders_xml,
        })
    })
}

fn write_customers(generator: &Generator, shop: &Shop, path: &Path) -> std::io::Result<u64> {
    let mut file = GzEncoder::new(BufWriter::new(File::create(path)?), Compression::fast());
    let mut bytes = 0_u64;
    for n in 0..generator.customers {
        let mut line = serde_json::to_vec(&json::customer(shop, &generator.customer(n)))?;
        line.push(b'\n');
        bytes = bytes.saturating_add(line.len() as u64);
        file.write_all(&line)?;
    }
    file.finish()?.into_inner()?.sync_all()?;
    Ok(bytes)
}

fn write_orders(generator: &Generator, shop: &Shop, path: &Path) -> std::io::Result<u64> {
    let mut file = File::create(path)?;
    let style = xml::Style {
        encoding: Encoding::Utf8,
        decimal_comma: false,
    };
    let writer = xml::Writer::new(shop, style);
    let mut bytes = 0_u64;
    let mut chunk = writer.start("ORDERS");
    for n in 0..generator.orders {
        writer.order(&mut chunk, &generator.order(n));
        if chunk.len() > 1 << 20 {
            bytes = bytes.saturating_add(chunk.len() as u64);
            file.write_all(&chunk)?;
            chunk.clear();
        }
    }
    chunk.extend_from_slice(b"</ORDERS>\n");
    file.write_all(&chunk)?;
    file.sync_all()?;
    Ok(bytes.saturating_add(chunk.len() as u64))
}
