package dev.fluxgate.gateway.worker;

/** Two workers say the same name of two models, so nobody could tell which one draws. */
public final class ModelMismatchException extends RuntimeException {
  private static final long serialVersionUID = 1;

  ModelMismatchException(DrawingModel model, DrawingModel theirs, String worker) {
    super(
        "model "
            + model.name()
            + ": hash "
            + model.modelHash()
            + " (expected: "
            + theirs.modelHash()
            + ", that of worker "
            + worker
            + "; or another name)");
  }
}
