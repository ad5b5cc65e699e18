using Unroll.Cli;

namespace Unroll.Tests.Cli;

/// <summary>What files hold reaches the terminal as signs that one sees.</summary>
public sealed class VisibleWriterTests
{
    [Theory]
    [InlineData("\u001b[2Jgone", "\\x1b[2Jgone"), InlineData("a\u202etxt.exe", "a\\u202etxt.exe"), InlineData("a\u2066b\u2069", "a\\u2066b\\u2069")]
    [InlineData("line\u2028two\u2029", "line\\u2028two\\u2029")]
    [InlineData("\u009b31m", "\\x9b31m"), InlineData("\u007f\b\a\0", "\\x7f\\x08\\x07\\x00")]
    [InlineData("a\rb", "a\\x0db"), InlineData("z\u200bw\ufeff", "z\\u200bw\\ufeff")]
    [InlineData("tab\tand\r\nbreaks\n", "tab\tand\r\nbreaks\n")]
    [InlineData("🙂 café שלום می\u200cخواهم 👩\u200d👧", "🙂 café שלום می\u200cخواهم 👩\u200d👧")]
    public void Each_kind_is_shown(string text, string shown)
    {
        Assert.Equal(shown, VisibleWriter.Visible(text));
        StringWriter inner = new();
        VisibleWriter writer = new(inner);
        writer.Write(text);
        writer.Write(text.AsSpan());
        writer.Write(text.ToCharArray(), 0, text.Length);
        Assert.Equal(shown + shown + shown, inner.ToString());
    }

    // No attribute holds half a character.
    [Fact]
    public void Half_a_character_is_shown() =>
        Assert.Equal("half \\ud83d, \\udc00 and 🙂", VisibleWriter.Visible("half \ud83d, \udc00 and 🙂"));

    [Fact]
    public void An_error_that_names_a_file_is_visible_and_short()
    {
        CliRun run = CliRun.Of("data", $"\u001b[31m{new string('x', 600)}\u202e.csv");
        string line = run.Refused();
        Assert.InRange(line.Length, 400, 520);
        Assert.Contains("\\x1b[31mxxx", line);
        Assert.DoesNotContain('\u001b', line);
        Assert.DoesNotContain('\u202e', line);
    }

    [Fact]
    public void Answers_go_to_the_letter_into_a_file_and_visibly_to_a_screen()
    {
        StringWriter output = new();
        new Terminal(() => Stream.Null, output, TextWriter.Null, Live: false).Answers.Write("\u202e");
        new Terminal(() => Stream.Null, output, TextWriter.Null, Live: false) { OnScreen = true }.Answers.Write("\u202e");
        Assert.Equal("\u202e\\u202e", output.ToString());
    }
}
