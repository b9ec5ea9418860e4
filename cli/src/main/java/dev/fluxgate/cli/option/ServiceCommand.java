package dev.fluxgate.cli.option;

/** A command whose log is what its user wants to see: one that runs services until told to stop. */
public interface ServiceCommand {}
