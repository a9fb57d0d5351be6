"""Breaks each rule in a small tree of its own and expects check_rules to name it."""
import os
import tempfile
import unittest

import check_rules


class BrokenRulesAreFound(unittest.TestCase):
    def broken(self, files):
        with tempfile.TemporaryDirectory() as root:
            for path, text in files.items():
                os.makedirs(os.path.join(root, os.path.dirname(path)), exist_ok=True)
                with open(os.path.join(root, path), "w", encoding="utf-8") as file:
                    file.write(text)
            return check_rules.Rules(root).check()

    def expect_one(self, files, words):
        found = self.broken(files)
        self.assertEqual(len(found), 1, found)
        self.assertIn(words, found[0])

    @staticmethod
    def header(*includes):
        return "// A subject.\n#pragma once\n" + "".join(f"#include <{name}>\n" for name in includes)

    def test_a_clean_tree_has_nothing_to_say(self):
        self.assertEqual(self.broken({
            "hub/include/hubbub/core/a.hpp": self.header("string"),
            "hub/include/hubbub/hub/b.hpp": self.header("hubbub/core/a.hpp", "vector"),
            "hub/include/hubbub/asio.hpp": self.header("boost/asio/awaitable.hpp"),
            "hub/include/hubbub/json.hpp": self.header("nlohmann/json.hpp"),
            "hub/src/core/loop.cpp": '// A subject.\n#include <boost/asio/io_context.hpp>\n#include "core/loop.hpp"\n',
            "hub/src/core/loop.hpp": self.header(),
            "transports/src/c.cpp": "// A subject.\n#include <boost/beast/http.hpp>\n#include <hubbub/core/a.hpp>\n",
            "samples/chat/main.cpp": "// A subject.\n#include <hubbub/json.hpp>\n",
        }), [])

    def test_a_lower_folder_must_not_know_a_higher_one(self):
        lower_and_higher = [("core", "protocol"), ("core", "hub"), ("protocol", "connection"), ("connection", "hub"),
                            ("backplane", "protocol"), ("protocol", "backplane"), ("connection", "backplane")]
        for lower, higher in lower_and_higher:
            with self.subTest(lower=lower, higher=higher):
                self.expect_one({
                    f"hub/include/hubbub/{higher}/high.hpp": self.header(),
                    f"hub/src/{lower}/low.cpp": f"// A subject.\n#include <hubbub/{higher}/high.hpp>\n",
                }, f"{lower}/ must not know {higher}/")

    def test_the_doors_on_top_are_not_for_the_folders_below(self):
        self.expect_one({
            "hub/include/hubbub/hub.hpp": self.header(),
            "hub/src/protocol/low.cpp": "// A subject.\n#include <hubbub/hub.hpp>\n",
        }, "stands above protocol/")

    def test_rooms_that_plug_in_do_not_know_each_other(self):
        self.expect_one({
            "scaleout/include/hubbub/redis.hpp": self.header(),
            "transports/src/a.cpp": "// A subject.\n#include <hubbub/redis.hpp>\n",
        }, "transports must not know scaleout")

    def test_the_hub_does_not_know_who_is_plugged_in(self):
        self.expect_one({
            "transports/include/hubbub/server.hpp": self.header(),
            "hub/src/hub/a.cpp": "// A subject.\n#include <hubbub/server.hpp>\n",
        }, "hub must not know transports")

    def test_another_rooms_source_folder_is_private(self):
        self.expect_one({
            "hub/src/core/secret.hpp": self.header(),
            "transports/src/a.cpp": '// A subject.\n#include "../../hub/src/core/secret.hpp"\n',
        }, "private to hub")

    def test_public_headers_do_not_need_private_ones(self):
        self.expect_one({
            "hub/src/core/secret.hpp": self.header(),
            "hub/include/hubbub/core/a.hpp": '// A subject.\n#pragma once\n#include "core/secret.hpp"\n',
        }, "must not need a private one")

    def test_public_headers_are_free_of_boost_and_nlohmann(self):
        self.expect_one({"hub/include/hubbub/core/a.hpp": self.header("boost/asio/io_context.hpp")}, "asio.hpp may")
        self.expect_one({"hub/include/hubbub/core/a.hpp": self.header("nlohmann/json.hpp")}, "json.hpp may")
        self.expect_one({"transports/include/hubbub/tls.hpp": self.header("openssl/ssl.h")}, "must not need openssl")

    def test_the_asio_side_of_a_shard_is_for_source_files(self):
        side = {check_rules.ASIO_SIDE: self.header("boost/asio/io_context.hpp")}
        self.assertEqual(self.broken({**side, check_rules.ASIO_ADAPTER: self.header("hubbub/core/shard_loop.hpp"),
                                      "transports/src/a.cpp": "// A.\n#include <hubbub/core/shard_loop.hpp>\n"}), [])
        self.expect_one({**side, "hub/include/hubbub/core/a.hpp": self.header("hubbub/core/shard_loop.hpp")},
                        "brings Asio along")

    def test_libraries_stay_in_their_rooms(self):
        self.expect_one({"hub/src/hub/a.cpp": "// A subject.\n#include <boost/beast/http.hpp>\n"}, "must not use")
        self.expect_one({"hub/src/hub/a.cpp": "// A subject.\n#include <openssl/hmac.h>\n"}, "must not use")
        self.expect_one({"transports/src/a.cpp": "// A subject.\n#include <hiredis/read.h>\n"}, "must not use")

    def test_samples_use_public_headers_only(self):
        self.expect_one({
            "hub/src/core/secret.hpp": self.header(),
            "samples/chat/main.cpp": '// A subject.\n#include "core/secret.hpp"\n',
        }, "public headers only")

    def test_a_header_of_ours_that_does_not_exist_is_named(self):
        self.expect_one({"samples/chat/main.cpp": "// A subject.\n#include <hubbub/nothing.hpp>\n"}, "in no room")

    def test_long_files_are_named(self):
        self.expect_one({"tests/unit/a.cpp": "// A subject.\n" + "int a();\n" * check_rules.LONGEST_FILE}, "601 lines")

    def test_headers_have_a_guard_and_files_a_subject(self):
        self.expect_one({"tests/unit/a.hpp": "// A subject.\n"}, "#pragma once")
        self.expect_one({"tests/unit/a.cpp": "int a();\n"}, "says its subject")

    def test_paths_of_a_machine_are_named(self):
        for top in check_rules.PERSONAL:
            with self.subTest(top=top):
                self.expect_one({"docs/a.md": f"see /{top}/somebody/project\n"}, "docs/a.md:1: holds a path")

    def test_lock_files_name_no_registry(self):
        self.expect_one({"tests/a/package-lock.json": '{"resolved": "https://registry.example/a.tgz"}\n'}, "registry")


if __name__ == "__main__":
    unittest.main()
