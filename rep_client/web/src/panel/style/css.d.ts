/** A style sheet as text, minified when the package is built. */
declare module "*.css?inline" {
  const css: string;
  export default css;
}
