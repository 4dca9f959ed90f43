policy { name = "labels" }

model "shop.Order" {
  table       = "Order"
  natural_key = [number]
}

model "shop.order" {
  table       = orders
  natural_key = [number]
}
