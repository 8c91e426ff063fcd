// Posts the form that carries a launch onwards. Without JavaScript its button does.
document.querySelector("form[data-submit-at-once]").submit();
