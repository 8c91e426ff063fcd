"""The table of known pitfalls (lti.md §4: what went wrong in other tools), row by row.

Each row names the tests that hold it; a test that is renamed or lost fails here. The first cell is
the pitfall, as in the table.
"""

import ast
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]

ROWS: dict[str, tuple[str, ...]] = {
    "signature and algorithm confusion": (
        # Cases « alg none », « HS256 signed with the RSA public key », « another key, same kid »…
        "certification/test_launches.py::test_refused",
        "certification/test_mutations.py::test_mutated_tokens",
    ),
    "login CSRF, state fixation": (
        "certification/test_security.py::test_forged_launch_at_top_level_opens_nothing",
        "certification/test_security.py::test_cookie_of_another_login",
        "certification/test_security.py::test_cookie_survives_in_a_cross_site_frame",
        "certification/test_security.py::test_held_launch_is_opened_by_our_own_page_only",
        "unit/admin/test_entering.py::test_another_site_cannot_post_the_way_in",
        "unit/practice/test_enlarging.py::test_another_site_cannot_sign_people_in",
    ),
    "replay": (
        "certification/test_security.py::test_same_browser",
        "certification/test_security.py::test_other_browser",
        "certification/test_security.py::test_exactly_one_of_twenty_at_once",
        "certification/test_security.py::test_a_forger_cannot_burn_a_login",
        "certification/test_security.py::test_state_of_another_platform",
        "unit/admin/test_entering.py::test_a_link_serves_one_of_many_at_once",
    ),
    "nonce store unbounded": (
        "certification/test_security.py::test_unfinished_logins_are_purged",
        "certification/test_security.py::test_digests_only_are_kept",
        "unit/app/test_security.py::test_launches_of_one_address_are_limited",
        "unit/app/test_security.py::test_every_address_open_to_strangers_is_limited",
        "unit/app/test_security.py::test_an_ipv6_network_is_one_client",
    ),
    "target_link_uri open redirect, redirect_uri": (
        "certification/test_security.py::test_always_sends_our_own_launch_url",
        # Cases « target_link_uri on another host », « not a URL ».
        "certification/test_launches.py::test_refused",
        "certification/test_guards.py::test_a_launch_leads_nowhere_but_to_our_own_pages",
        "unit/practice/test_enlarging.py::test_it_leads_to_our_own_pages_only",
    ),
    "SSRF": (
        "unit/core/test_outbound.py::test_private_addresses_are_refused",
        "unit/core/test_outbound.py::test_name_that_resolves_inside_is_refused_at_connection",
        "unit/core/test_outbound.py::test_answer_is_read_and_redirect_is_not_followed",
        "unit/core/test_outbound.py::test_large_answer_is_cut",
        "unit/core/test_outbound.py::test_answer_that_drips_is_given_up",
        "certification/test_security.py::test_private_address_is_never_called",
        "unit/lti/test_tokens.py::test_a_private_address_is_not_asked",
        "unit/lti/test_ags.py::test_a_private_address_is_not_called",
        "unit/launch/test_registering.py::test_addresses_inside_our_network_are_refused",
        "unit/lti/test_dynamic_registration.py::test_an_lms_that_redirects_leads_nowhere",
    ),
    "token leak by services": (
        "unit/lti/test_ags.py::test_another_host_hears_nothing",
        "unit/lti/test_ags_gradebook.py::test_another_host_hears_nothing",
        "unit/lti/test_ags_gradebook.py::test_a_next_page_elsewhere_does_not_receive_the_token",
        "unit/lti/test_nrps.py::test_the_token_never_leaves_the_platform",
        "unit/lti/test_doctor.py::test_our_token_goes_to_no_other_host",
    ),
    "cross-tenant token cache": (
        "unit/lti/test_tokens.py::test_two_clients_of_one_issuer_and_two_scopes_have_each_their_token",
    ),
    "deployment and issuer confusion": (
        "certification/test_security.py::test_same_sub_of_two_issuers_are_two_people",
        "certification/test_security.py::test_two_registrations_of_one_issuer_know_the_same_person",
        "certification/test_security.py::test_state_of_another_platform",
    ),
    "privilege by role string, IDOR on reports": (
        "certification/test_security.py::test_roles",
        "unit/reports/test_routes.py::test_to_anybody_else_there_is_no_such_page",
        "unit/reports/test_routes.py::test_a_card_is_of_a_learner_of_that_very_course",
        "unit/people/test_access.py::test_another_course_is_not_found",
        "unit/admin/test_access.py::test_a_launch_alone_does_not_open_administration",
        (
            "certification/test_guards.py::"
            "test_every_page_refuses_strangers_and_those_who_do_not_administer"
        ),
    ),
    "disabled user or registration": (
        "certification/test_security.py::test_suspended_person_is_refused",
        "certification/test_security.py::test_closed_platform_shuts_open_sessions",
        "certification/test_security.py::test_inactive_platform",
        "unit/people/test_access.py::test_a_suspended_person_is_out_at_the_next_request",
        "unit/app/test_sessions.py::test_a_suspended_person_is_refused_at_the_next_request",
        "unit/admin/test_access.py::test_a_suspended_administrator",
    ),
    "clickjacking": (
        "certification/test_guards.py::test_every_kind_of_page_has_them_all",
        "certification/test_guards.py::test_a_platform_that_is_not_active_frames_nothing",
        "certification/test_guards.py::test_a_registration_cannot_write_into_the_policy",
        "certification/test_security.py::test_active_platforms_only_may_frame",
        "unit/launch/test_registering.py::test_the_lms_may_frame_it_though_it_is_not_known_yet",
        "unit/launch/test_registering.py::test_without_an_invitation_nobody_may_frame_it",
    ),
    "CSRF in iframes": (
        "certification/test_guards.py::test_no_post_without_a_token_of_this_very_session",
        "certification/test_guards.py::test_a_form_of_the_former_person_of_this_browser_is_void",
        "certification/test_guards.py::test_a_second_frame_of_the_same_person_voids_nothing",
        "unit/app/test_sessions.py::test_csrf_still_stands",
    ),
    "deep-link response": (
        "unit/launch/test_deep_linking.py::test_the_answer_goes_back_signed",
        "unit/launch/test_deep_linking.py::test_a_return_address_elsewhere_is_refused",
        "unit/launch/test_deep_linking.py::test_quotes_in_the_return_address_stay_in_their_attribute",
        "unit/launch/test_deep_linking.py::test_the_page_posts_to_that_platform_only",
        "unit/launch/test_deep_linking.py::test_a_tampered_token_is_refused",
        "unit/launch/test_deep_linking.py::test_another_site_cannot_press_the_button",
    ),
    "dynamic registration": (
        "unit/launch/test_registering.py::test_a_link_serves_once",
        "unit/launch/test_registering.py::test_two_clicks_at_once_register_once",
        "unit/launch/test_registering.py::test_an_expired_link_says_so",
        "unit/launch/test_registering.py::test_without_approval_in_advance_it_waits",
        (
            "unit/launch/test_registering.py::"
            "test_an_invitation_for_another_lms_is_refused_before_anything_is_fetched"
        ),
        "unit/launch/test_registering.py::test_only_our_own_page_may_click",
        "unit/lti/test_registration.py::test_every_address_is_on_the_host_that_answered",
        "unit/lti/test_invitations.py::test_the_table_does_not_hold_the_link",
    ),
    "logs": (
        "certification/test_guards.py::test_launches_leave_nobody_in_the_log",
        "unit/core/test_logging.py::test_personal_fields_are_blanked",
        "unit/lti/test_ags.py::test_words_of_a_refusal_do_not_repeat_the_person",
        "unit/launch/test_deep_linking.py::test_the_sesskey_is_nowhere_in_the_logs",
        "unit/app/test_sessions.py::test_the_server_log_does_not_see_the_token",
    ),
    "private keys at rest": (
        "unit/lti/test_keys.py::test_nothing_private_is_published_nor_stored_in_clear",
        "unit/lti/test_keys.py::test_another_secret_cannot_read_it",
        (
            "unit/lti/test_keys.py::"
            "test_the_private_part_goes_with_retirement_and_the_row_a_month_later"
        ),
        "unit/lti/test_tokens.py::test_tokens_are_kept_encrypted",
        "certification/test_security.py::test_jwks_never_shows_a_private_number",
    ),
    "XSS from claims, formula injection": (
        "certification/test_security.py::test_hostile_names_are_text",
        "certification/test_security.py::test_unknown_issuer_is_explained_and_escaped",
        "unit/reports/test_routes.py::test_hostile_names_are_only_names",
        (
            "unit/reports/test_rules_spreadsheet.py::"
            "test_no_text_begins_a_formula_and_the_cell_comes_back_whole"
        ),
        "unit/admin/test_pages.py::test_what_an_lms_says_is_text",
        "unit/admin/test_checking.py::test_hostile_answers_are_text",
        "certification/test_security.py::test_policy_allows_nothing_foreign_nor_inline",
    ),
}


@cache
def functions_of(path: str) -> frozenset[str]:
    tree = ast.parse((TESTS / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("row", ROWS)
def test_every_row_has_its_tests(row: str) -> None:
    lost = [
        name
        for name in ROWS[row]
        for path, _, test in [name.partition("::")]
        if test not in functions_of(path)
    ]
    assert lost == []
