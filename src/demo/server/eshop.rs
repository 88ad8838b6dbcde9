//! `/api/eshop` and the statuses of orders.

use serde_json::{Value, json};

use super::Call;
use super::answer::Answer;
use crate::demo::world::World;

/// `GET /api/eshop`
pub(super) fn info(world: &mut World, call: &Call, _: &str) -> Answer {
    let shop = &world.shop;
    let mut data = json!({
        "contactInformation": {
            "eshopId": shop.eshop_id,
            "eshopName": shop.name,
            "eshopCategory": null,
            "url": format!("{}/", shop.url),
            "eshopTitle": shop.name,
            "eshopSubtitle": null,
            "contactPerson": null,
            "email": shop.email,
            "phone": null,
            "mobilePhone": null,
            "skypeAccount": null,
            "contactPhotoUrl": null,
        },
        "settings": {
            "vatPayer": true,
            "cashDeskOnly": false,
            "trackStockClaims": true,
            "maxProductAmount": 500,
            "maxEmailAmount": 1000,
            "defaultPricelist": {"id": 1, "name": "Výchozí ceník"},
            "eshopLanguage": "cs",
            "timezone": shop.timezone,
            "dateFormat": "j.n.Y",
            "timeFormat": "H:i",
            "internals": "cs",
            "exchangeRateFlip": false,
            "negativeStockAmount": "allowed",
            "oss": false,
            "stockControlDisabled": false,
            "wholesaleSplitActive": false,
        },
        "currencies": [{
            "code": shop.currency,
            "title": shop.currency,
            "isDefault": true,
            "isDefaultAdmin": true,
            "isDefaultDocuments": true,
            "isVisible": true,
            "exchangeRate": "1.00000000",
            "priority": 1,
            "display": {"text": shop.currency, "location": "right", "decimalsSeparator": ",", "thousandsSeparator": " "},
            "priceDecimalPlaces": 2,
            "documentPriceDecimalPlaces": 2,
            "rounding": "up",
            "minimalOrderValue": null,
            "bankAccount": {"accountNumber": null, "iban": null, "bic": null, "ownerName": null},
        }],
        "taxClasses": [],
        "activeModules": [],
        "urls": [
            {"ident": "admin-orders-list", "url": format!("{}/admin/prehled-objednavek/", shop.url)},
            {"ident": "admin-customers-list", "url": format!("{}/admin/zakaznici/", shop.url)},
            {"ident": "oauth", "url": format!("{}/action/ApiOAuthServer/", shop.url)},
        ],
        "trial": false,
    });
    let include = call.parameter("include").unwrap_or_default().to_lowercase();
    if include
        .split(',')
        .any(|section| section.trim() == "orderstatuses")
    {
        let statuses: Vec<Value> = shop
            .statuses
            .iter()
            .enumerate()
            .map(|(order, status)| {
                json!({"id": status.id, "order": order, "name": status.name, "markAsPaid": false})
            })
            .collect();
        data["orderStatuses"] = json!({"statuses": statuses, "defaultStatus": shop.default_status});
    }
    Answer::data(200, &data)
}

/// `GET /api/orders/statuses`
pub(super) fn statuses(world: &mut World, _: &Call, _: &str) -> Answer {
    let statuses: Vec<Value> = world
        .shop
        .statuses
        .iter()
        .enumerate()
        .map(|(order, status)| {
            json!({
                "id": status.id,
                "name": status.name,
                "system": status.id < 0,
                "order": order,
                "markAsPaid": false,
                "color": null,
                "backgroundColor": null,
                "changeOrderItems": false,
                "stockClaimResolved": false,
                "documents": {
                    "generateProformaInvoice": false,
                    "generateInvoice": status.id == -3,
                    "generateDeliveryNote": false,
                    "generateProofPayment": null,
                },
            })
        })
        .collect();
    Answer::data(
        200,
        &json!({"defaultStatus": world.shop.default_status, "statuses": statuses}),
    )
}
