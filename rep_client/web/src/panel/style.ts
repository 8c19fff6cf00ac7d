/**
 * How the panel looks. Type 11/12/13/15/20 px, spacing in steps of 4 px, hairlines, one accent, one soft elevation for
 * the newest card. The sheets count in this order.
 */

import cards from "./style/cards.css?inline";
import controls from "./style/controls.css?inline";
import discreet from "./style/discreet.css?inline";
import footer from "./style/footer.css?inline";
import people from "./style/people.css?inline";
import sheets from "./style/sheets.css?inline";
import theme from "./style/theme.css?inline";

let sheet: CSSStyleSheet | null = null;

/** One sheet for all panels of a page; made when the first is. */
export function style(): CSSStyleSheet {
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync([theme, controls, people, cards, sheets, footer, discreet].join(""));
  }
  return sheet;
}
