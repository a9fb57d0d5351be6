// A record of 62 members of the kinds that records have: texts, whole numbers, fractions, flags.
#pragma once

#include <cstdint>
#include <string>

#include "hubbub/protocol/fields.hpp"

// Other libraries describe the same members.
#define WIDE_RECORD_MEMBERS                                                                                            \
  identifier, owner, title, street, house_number, postal_code, city, country, latitude, longitude, created, changed,   \
      price, discount, tax, total, quantity, weight, width, height, depth, volume, colour, material, brand, model,     \
      serial, batch, shelf, aisle, warehouse, supplier, contract, currency, language, rating, reviews, sold, returned, \
      reserved, available, active, visible, featured, fragile, frozen, taxable, shippable, note, summary, keywords,    \
      category, subcategory, department, manager, phone, email, website, revision, checksum, score, rank

struct wide_record {
  std::int64_t identifier = 1700000000000;
  std::string owner = "owner number 1";
  std::string title = "title number 2";
  std::string street = "street number 3";
  int house_number = 548;
  std::string postal_code = "postal_code number 5";
  std::string city = "city number 6";
  std::string country = "country number 7";
  double latitude = 8.31;
  double longitude = 9.68;
  std::int64_t created = 1700000079190;
  std::int64_t changed = 1700000087109;
  double price = 12.89;
  double discount = 13.36;
  double tax = 14.73;
  double total = 15.20;
  int quantity = 2192;
  double weight = 17.94;
  double width = 18.41;
  double height = 19.78;
  double depth = 20.25;
  double volume = 21.62;
  std::string colour = "colour number 22";
  std::string material = "material number 23";
  std::string brand = "brand number 24";
  std::string model = "model number 25";
  std::string serial = "serial number 26";
  int batch = 3699;
  int shelf = 3836;
  int aisle = 3973;
  int warehouse = 4110;
  int supplier = 4247;
  std::string contract = "contract number 32";
  std::string currency = "currency number 33";
  std::string language = "language number 34";
  double rating = 35.40;
  int reviews = 4932;
  int sold = 5069;
  int returned = 5206;
  int reserved = 5343;
  int available = 5480;
  bool active = true;
  bool visible = false;
  bool featured = true;
  bool fragile = false;
  bool frozen = true;
  bool taxable = false;
  bool shippable = true;
  std::string note = "note number 48";
  std::string summary = "summary number 49";
  std::string keywords = "keywords number 50";
  std::string category = "category number 51";
  int subcategory = 7124;
  int department = 7261;
  int manager = 7398;
  std::string phone = "phone number 55";
  std::string email = "email number 56";
  int website = 7809;
  int revision = 7946;
  std::int64_t checksum = 1700000467221;
  double score = 60.65;
  int rank = 8357;
};
HUBBUB_FIELDS(wide_record, WIDE_RECORD_MEMBERS)
