package dev.fluxgate.gateway.http.route;

/** Names of fields as the protocol has them → as JSON has them. */
final class FieldNames {
  private FieldNames() {}

  /** "num_images" becomes "numImages". */
  static String toJson(String name) {
    StringBuilder json = new StringBuilder(name.length());
    boolean up = false;
    for (char c : name.toCharArray()) {
      if (c == '_') {
        up = true;
      } else {
        json.append(up ? Character.toUpperCase(c) : c);
        up = false;
      }
    }
    return json.toString();
  }
}
