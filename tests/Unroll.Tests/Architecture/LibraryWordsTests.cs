using System.Text.RegularExpressions;

namespace Unroll.Tests.Architecture;

/// <summary>The libraries are called from programs: they know neither the spelling of a command line nor its standard input.</summary>
public sealed partial class LibraryWordsTests
{
    // A style sheet's own properties are written so too: the report has them.
    private const string StyleSheets = "src/Unroll.Inspection/Report/";

    [GeneratedRegex(@"(?<![\w-])--[a-z][a-z-]*")] private static partial Regex Option();
    [GeneratedRegex(@"\bstandardInput\b")] private static partial Regex StandardInput();

    private static IEnumerable<string> OptionsIn(IEnumerable<Source> sources) =>
        from source in sources
        where !source.Path.StartsWith(StyleSheets, StringComparison.Ordinal)
        from text in CSharpStrings.Of(source.Text)
        from Match option in Option().Matches(text)
        select $"{source.Path}: '{option.Value}' is a word of the command line; an error of the library names the option without dashes: "
            + $"'{option.Value[2..]}: …'";

    private static IEnumerable<string> StandardInputIn(IEnumerable<Source> sources) =>
        from source in sources
        where StandardInput().IsMatch(CSharpText.CodeOnly(source.Text))
        select $"{source.Path}: standardInput belongs to programs; take a reader, a stream or rows";

    [Theory]
    [InlineData("Unroll")]
    [InlineData("Unroll.Inspection")]
    [InlineData("Unroll.Tasks")]
    [InlineData("Unroll.Exchange")]
    [InlineData("Unroll.Exchange.Hdf5")]
    [InlineData("Unroll.Mpi")]
    [InlineData("Unroll.Serving")]
    public void No_text_of_a_library_names_an_option_of_the_command_line(string project) =>
        Trespass.None(OptionsIn(SourceTree.Sources($"src/{project}")));

    [Theory]
    [InlineData("Unroll")]
    [InlineData("Unroll.Inspection")]
    [InlineData("Unroll.Tasks")]
    [InlineData("Unroll.Exchange")]
    [InlineData("Unroll.Exchange.Hdf5")]
    [InlineData("Unroll.Mpi")]
    [InlineData("Unroll.Serving")]
    public void No_library_knows_the_standard_input(string project) => Trespass.None(StandardInputIn(SourceTree.Sources($"src/{project}")));

    [Theory]
    [InlineData("class B { string S => \"give --hidden\"; }", "hidden")]
    [InlineData("class B { string S => $\"{(a ? $\"--{b}\" : \"--first-state\")}: too long\"; }", "first-state")]
    [InlineData("class B { string S => \"\"\"\n    use --lr\n    \"\"\"; }", "lr")]
    [InlineData("class B { char C = '\"'; string S => @\"C:\\\" + \"--lr\"; }", "lr")]
    public void A_planted_option_is_found(string text, string option) =>
        Assert.Contains($"'{option}: …'", Assert.Single(OptionsIn([new Source("src/Unroll/Core/B.cs", text)])));

    [Theory]
    [InlineData("class B { int F(int n) => --n; string S => $\"{--n} steps\"; }")]
    [InlineData("// give --hidden\n/* \"--hidden\" */ class B { string S => \"well--known, a---b\"; }")]
    [InlineData("class B { string S => $$\"\"\"{ \"a\": {{--n}} }\"\"\"; string T => $\"{{--}}\"; string U => \"\"; }")]
    public void What_is_no_option_is_let_pass(string text) => Assert.Empty(OptionsIn([new Source("src/Unroll/Core/B.cs", text)]));

    [Fact]
    public void A_planted_standard_input_is_found()
    {
        Assert.NotEmpty(StandardInputIn([new Source("src/Unroll/Core/B.cs", "class B { void F(TextReader standardInput) { } }")]));
        Assert.Empty(StandardInputIn([new Source("src/Unroll/Core/B.cs", "// standardInput\nclass B;")]));
    }
}
