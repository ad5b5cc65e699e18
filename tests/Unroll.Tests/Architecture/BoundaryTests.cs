using System.Text.RegularExpressions;

namespace Unroll.Tests.Architecture;

/// <summary>What may be used only in certain places, seen in the text: unsafe code and intrinsics, and the file system.</summary>
public sealed partial class BoundaryTests
{
    [GeneratedRegex(@"\bunsafe\b|\bSystem\.Runtime\.Intrinsics\b|\bVector(?:64|128|256|512)\b|(?<![\w.])Vector<|(?<![\w.])Unsafe\.")]
    private static partial Regex Unsafe();

    [GeneratedRegex(@"(?<![\w.])(?:System\.IO\.)?(?:File|Directory)\.[A-Z]"
        + @"|\b(?:FileStream|FileInfo|DirectoryInfo|FileSystemWatcher|MemoryMappedFile|DriveInfo)\b")]
    private static partial Regex FileSystem();

    [GeneratedRegex(@"\bAggressiveOptimization\b")]
    private static partial Regex Compiled();

    private static IEnumerable<string> Trespasses(IEnumerable<Source> sources, Regex forbidden, string what, params string[] allowed) =>
        from source in sources
        where !allowed.Any(folder => source.Path.StartsWith(folder, StringComparison.Ordinal))
        from match in forbidden.Matches(CSharpText.CodeOnly(source.Text)).Take(1)
        select $"{source.Path}: {what} ('{match.Value}') belongs in {string.Join(", ", allowed)}";

    private static IEnumerable<string> UnsafeOutOfPlace(IEnumerable<Source> sources) =>
        Trespasses(sources, Unsafe(), "unsafe code and intrinsics", "src/Unroll/Numerics/", "src/Unroll/Formats/",
            "src/Unroll.Mpi/Native/");

    private static IEnumerable<string> FilesOutOfPlace(IEnumerable<Source> sources) =>
        Trespasses(sources, FileSystem(), "the file system",
            "src/Unroll/Files/", "src/Unroll/Formats/", "src/Unroll.Tasks/Data/", "src/Unroll.Inspection/Report/",
            "src/Unroll.Exchange/Onnx/Files/", "src/Unroll.Exchange/PyTorch/", "src/Unroll.Exchange.Hdf5/");

    [Fact]
    public void Unsafe_code_and_intrinsics_stay_in_the_kernels() => Trespass.None(UnsafeOutOfPlace(SourceTree.Sources("src")));

    [Fact]
    public void Only_files_formats_data_reports_and_programs_touch_files() =>
        Trespass.None(FilesOutOfPlace(SourceTree.Sources("src/Unroll", "src/Unroll.Inspection", "src/Unroll.Tasks", "src/Unroll.Exchange",
            "src/Unroll.Exchange.Hdf5", "src/Unroll.Mpi", "src/Unroll.Serving")));

    [GeneratedRegex(@"\b(?:DllImport|LibraryImport|NativeLibrary|GetDelegateForFunctionPointer)\b|\bunmanaged\[")]
    private static partial Regex NativeCode();

    private static IEnumerable<string> NativeOutOfPlace(IEnumerable<Source> sources) =>
        Trespasses(sources, NativeCode(), "native code", "src/Unroll.Mpi/");

    [Fact]
    public void Native_code_is_called_by_one_package_only() => Trespass.None(NativeOutOfPlace(SourceTree.Sources("src")));

    [Fact]
    public void A_planted_native_call_is_found() =>
        Assert.NotEmpty(NativeOutOfPlace([new Source("src/Unroll/Core/B.cs", "class B { [DllImport(\"libc\")] static extern int f(); }")]));

    [GeneratedRegex(@"\bJson(?:Document|Node|Element)\.Parse|\bJsonSerializer\.Deserialize")]
    private static partial Regex JsonParser();

    // Half characters, names that stand twice and numbers that none are get no further than there.
    [Fact]
    public void JSON_is_parsed_in_one_place() => Trespass.None(Trespasses(SourceTree.Sources("src"), JsonParser(), "a parser of JSON",
        "src/Unroll/Core/JsonRecord.cs", "src/Unroll/Training/TrainingOptions.cs"));

    // Marked otherwise, a kernel would be compiled again at every start of a program that brings its code compiled.
    [Fact]
    public void Kernels_are_compiled_as_one_place_says() => Trespass.None(
        Trespasses(SourceTree.Sources("src"), Compiled(), "how a kernel is compiled", "src/Unroll/Numerics/Compilation.cs",
            "src/Unroll/Numerics/MachineLimits.cs"));

    [Theory]
    [InlineData("class B { unsafe void F() { } }")]
    [InlineData("using System.Runtime.Intrinsics.X86;")]
    [InlineData("class B { object V => Vector256<float>.Zero; }")]
    [InlineData("class B { int F(object o) => Unsafe.As<int[]>(o).Length; }")]
    public void Planted_unsafe_code_is_found(string text)
    {
        Assert.NotEmpty(UnsafeOutOfPlace([new Source("src/Unroll/Layers/B.cs", text)]));
        Assert.Empty(UnsafeOutOfPlace([new Source("src/Unroll/Numerics/B.cs", text)]));
        Assert.Empty(UnsafeOutOfPlace([new Source("src/Unroll/Layers/B.cs", "// " + text)]));
    }

    [Theory]
    [InlineData("class B { string F() => File.ReadAllText(\"a\"); }")]
    [InlineData("class B { void F() => System.IO.Directory.CreateDirectory(\"a\"); }")]
    [InlineData("class B { object F() => new FileStream(\"a\", FileMode.Open); }")]
    public void A_planted_use_of_the_file_system_is_found(string text)
    {
        Assert.NotEmpty(FilesOutOfPlace([new Source("src/Unroll/Training/B.cs", text)]));
        Assert.NotEmpty(FilesOutOfPlace([new Source("src/Unroll.Inspection/Textbook/B.cs", text)]));
        Assert.NotEmpty(FilesOutOfPlace([new Source("src/Unroll.Tasks/Shared/B.cs", text)]));
        foreach (string folder in (string[])["Unroll/Files", "Unroll/Formats", "Unroll.Tasks/Data/Audio", "Unroll.Inspection/Report"])
            Assert.Empty(FilesOutOfPlace([new Source($"src/{folder}/B.cs", text)]));
        Assert.Empty(FilesOutOfPlace([new Source("src/Unroll/Training/B.cs", "class B { int N => model.File.Length; }")]));
    }
}
