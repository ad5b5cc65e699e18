using System.IO.Compression;
using System.Text;
using Unroll.Core;
using Unroll.Tasks.Data.Sequences;

namespace Unroll.Tests.Tasks.Data.Sequences;

public class FastaReaderTests
{
    private readonly List<string> _notes = [];

    private IReadOnlyList<FastaRecord> Read(string text) => FastaReader.Read(Encoding.UTF8.GetBytes(text), "g.fa", _notes.Add);

    [Theory, InlineData("\n"), InlineData("\r\n"), InlineData("\r")]
    public void Lines_end_as_they_do_in_any_system(string end)
    {
        IReadOnlyList<FastaRecord> records = Read(">one x y\nAC\n gt \n\n;why\n>två\nNN\n".Replace("\n", end));
        Assert.Equal([new FastaRecord("one", "x y", "ACgt", 1), new FastaRecord("två", "", "NN", 6)], records);
        Assert.Empty(_notes);
    }

    // The pieces that are read end within headers, line breaks, letters and the name's characters of two bytes.
    [Fact]
    public void Long_lines_and_long_headers_come_whole_out_of_pieces()
    {
        for (int extra = 0; extra < 6; extra++)
        {
            string name = new('å', 32_765), letters = new('A', 70_000 + extra);
            IReadOnlyList<FastaRecord> records = Read($">{name} d\r\n{new string('G', extra)}\r\n{letters}\r\n>b\r\n{letters}T\r\n");
            Assert.Equal([name, "b"], records.Select(one => one.Name));
            Assert.Equal([new string('G', extra) + letters, letters + "T"], records.Select(one => one.Letters));
            Assert.Equal([1, 4], records.Select(one => one.Line));
        }
    }

    [Fact]
    public void What_ends_a_sequence_what_is_no_base_and_what_has_no_name_of_its_own_is_counted()
    {
        IReadOnlyList<FastaRecord> records = Read(">a\nAC-G\n..T*\n>\nACG\n>a again\nACG*\n>a\nA\n> \nC\n");
        Assert.Equal(["AC-G..T", "ACG", "ACG", "A", "C"], records.Select(one => one.Letters));
        Assert.Equal(
        [
            "g.fa: the sign * at the end of 2 of 5 sequences, line 3 first, was passed over.",
            "g.fa: 3 gaps ('-' or '.'), line 2 first, are steps without a base; take them out unless the sequences are aligned.",
            "g.fa: 2 of 5 sequences, line 4 first, have no name; write one after the '>'.",
            "g.fa: 2 of 5 sequences, line 6 first, have a name that stood before ('a').",
        ], _notes);
    }

    [Theory]
    [InlineData(">a\nAC*GT\n", "g.fa, line 2, character 3: expected a nucleotide (A, C, G, T, U, N, R, Y …), found '*' within a sequence")]
    [InlineData(">a\nAC*\nGT\n", "g.fa, line 2, character 3: expected a nucleotide")]
    [InlineData(">a\nA  é\n", "g.fa, line 2, character 4: expected a nucleotide (A, C, G, T, U, N, R, Y …), found 'é'")]
    [InlineData(">a\n>b\nA\n", "g.fa, line 1: the sequence 'a' has no letters")]
    [InlineData("A\n>b\nA\n", "g.fa, line 1: expected a header that begins with '>', found 'A'")]
    [InlineData(">a\nA\0\n", "g.fa: expected a FASTA file, which is text, found a binary file")]
    [InlineData("", "g.fa: expected sequences in FASTA form")]
    public void What_is_no_sequence_is_refused_by_its_place(string text, string expected) =>
        Assert.StartsWith(expected, Assert.Throws<UserErrorException>(() => Read(text)).Message);

    [Fact]
    public void A_gzipped_file_of_several_members_is_read_and_a_cut_one_refused()
    {
        byte[] packed = [.. Packed(">a\nAC\n"), .. Packed("GT\n>b\nT\n")];
        Assert.Equal(["ACGT", "T"], FastaReader.Read(packed, "g.fa.gz").Select(one => one.Letters));
        Assert.Contains("g.fa.gz: the gzipped file is cut short",
            Assert.Throws<UserErrorException>(() => FastaReader.Read(packed[..^4], "g.fa.gz")).Message);

        static byte[] Packed(string text)
        {
            using MemoryStream packed = new();
            using (GZipStream gzip = new(packed, CompressionLevel.Optimal)) gzip.Write(Encoding.UTF8.GetBytes(text));
            return packed.ToArray();
        }
    }
}
