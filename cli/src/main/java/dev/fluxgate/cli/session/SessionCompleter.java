package dev.fluxgate.cli.session;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import org.jline.reader.Candidate;
import org.jline.reader.Completer;
import org.jline.reader.LineReader;
import org.jline.reader.ParsedLine;

/** Completes commands, names of settings, and the paths of pictures. */
final class SessionCompleter implements Completer {
  private static final List<String> COMMANDS = List.of("run", "show", "reset", "help", "quit");

  @Override
  public void complete(LineReader reader, ParsedLine line, List<Candidate> candidates) {
    String word = line.word();
    int equals = word.indexOf('=');
    if (line.wordIndex() == 0) {
      COMMANDS.forEach(command -> candidates.add(whole(command)));
    }
    if (equals < 0) {
      SessionSettings.names().forEach(name -> candidates.add(open(name + "=")));
    }
    files(word.substring(0, equals + 1), word.substring(equals + 1), candidates);
  }

  /** What lies in the folder of {@code begun}; folders can be gone on with. */
  private static void files(String before, String begun, List<Candidate> candidates) {
    int slash = begun.lastIndexOf('/');
    String folder = begun.substring(0, slash + 1);
    try (DirectoryStream<Path> files = Files.newDirectoryStream(Path.of(folder), "[!.]*")) {
      for (Path file : files) {
        String name = before + folder + file.getFileName();
        candidates.add(Files.isDirectory(file) ? open(name + "/") : whole(name));
      }
    } catch (IOException | InvalidPathException | DirectoryIteratorException _) {
      // What is no folder has nothing to offer.
    }
  }

  private static Candidate whole(String text) {
    return new Candidate(text);
  }

  private static Candidate open(String text) {
    return new Candidate(text, text, null, null, null, null, false);
  }
}
