using System.Text;
using Unroll.Core;
using Unroll.Tasks.Data.Music;
using Xunit;
using static Unroll.Tests.Tasks.Data.Music.AbcPlaying;

namespace Unroll.Tests.Tasks.Data.Music;

public class AbcFileTests
{
    [Fact]
    public void The_fields_of_a_file_are_for_all_of_its_tunes()
    {
        IReadOnlyList<AbcTune> tunes = AbcReader.Read(
            "%abc-2.1\nM:3/8\nL:1/16\nQ:1/4=90\nm:!x! = C\n\nX:1\nK:G\nF4 !x!4|\n\nX:2\nL:1/4\nK:C\nZF|\n", "t.abc");
        Assert.Equal(["66@0+1 60@1+1", "65@1.5+1"], tunes.Select(Played));
        Assert.Equal([90, 90], tunes.Select(tune => tune.QuartersPerMinute));
    }

    [Theory]
    [InlineData("|:G A\nB:|\n", "GABGAB")]
    [InlineData("G\nA::B\nc:|", "GAGABcBc")]
    [InlineData("G\nz:|", "GG")]
    [InlineData("G A\\\nB:|\nw:la la la\n+:la\nW:words\nr:remark\nN:note", "GABGAB")]
    [InlineData("G% :|\n% comment\n%%text a line of text\nA", "GA")]
    [InlineData("G\n%%begintext\nABC|def|\n%%endtext\nA", "GA")]
    [InlineData("G \"100\\% sure\"A", "GA")]
    [InlineData("G``A $ ! A * A;", "GAAA")]
    [InlineData("[r:a remark]G[I:linebreak $]A", "GA")]
    public void Lines_of_music_are_told_from_fields_and_comments(string body, string expected) => Assert.Equal(expected, Letters(body));

    [Theory]
    [InlineData("D dor", "CDEF", "60 62 64 65")]
    [InlineData("D Dorian", "FC", "65 60")]
    [InlineData("E minor", "FC", "66 60")]
    [InlineData("AMixolydian", "FGC", "66 67 61")]
    [InlineData("Bb", "BEA", "70 63 69")]
    [InlineData("HP", "FCG", "66 61 67")]
    [InlineData("Hp", "FCG", "66 61 67")]
    [InlineData("none", "FC", "65 60")]
    [InlineData("", "FC", "65 60")]
    [InlineData("D exp _b_e ^f", "BEFC", "70 63 66 60")]
    [InlineData("D Phr ^f", "FEB", "66 63 70")]
    [InlineData("G =f ^c", "FC", "65 61")]
    [InlineData("C transpose=-2", "CF", "58 63")]
    [InlineData("G clef=bass octave=-1", "CF", "48 54")]
    [InlineData("C treble-8", "CF", "48 53")]
    [InlineData("Em clef=treble+8 stafflines=5 middle=B", "CF", "72 78")]
    [InlineData("bass", "CF", "60 65")]
    [InlineData("C# maj", "CDEFGAB", "61 63 65 66 68 70 72")]
    [InlineData("Fb", "B", "69")]
    [InlineData("E locrian", "BF", "70 65")]
    [InlineData("F lyd", "B", "71")]
    public void A_key_may_hold_modes_accidentals_clefs_and_transpositions(string key, string body, string expected) => Assert.Equal(expected,
        string.Join(' ', AbcPlayer.ToScore(AbcReader.Read($"X:1\nK:{key}\n{body}\n", "t.abc")[0]).Notes.Select(note => note.Pitch)));

    [Theory]
    [InlineData("1/4=120", 120)]
    [InlineData("\"Slow\" 1/4=60", 60)]
    [InlineData("3/8=50 \"lively\"", 75)]
    [InlineData("1/4 3/8 1/4 3/8=40", 200)]
    [InlineData("80", 40)]
    [InlineData("C3=40", 60)]
    [InlineData("\"Andante\"", 120)]
    public void A_tempo_is_read_in_all_its_forms(string tempo, double quarters) =>
        Assert.Equal(quarters, AbcReader.Read($"X:1\nL:1/8\nQ:{tempo}\nK:C\nC\n", "t.abc")[0].QuartersPerMinute);

    [Theory]
    [InlineData("M:3/4", 1 / 8.0)]
    [InlineData("M:2/4", 1 / 16.0)]
    [InlineData("M:C|", 1 / 8.0)]
    [InlineData("M:none", 1 / 8.0)]
    [InlineData("M:(2+3)/8", 1 / 16.0)]
    [InlineData("M:2/4+3/4", 1 / 8.0)]
    [InlineData("N:no meter", 1 / 8.0)]
    public void A_meter_says_the_unit_where_nothing_else_does(string meter, double unit) =>
        Assert.Equal(unit, AbcReader.Read($"X:1\n{meter}\nK:C\nC\n", "t.abc")[0].Unit);

    [Fact]
    public void What_is_left_out_is_counted_and_said_once()
    {
        string file = "X:1\nT:A\nK:C\n\"Am\"C{de}~D !trill!E .F|\nw:la\n\"^slow\"G[Q:1/4=80]\"C\"A|\n";
        Assert.Equal(["t.abc: left out, as the notes alone are read: 2 chord symbols, 1 grace note group, 3 ornaments, 1 lyrics line, " +
            "1 annotation, 1 tempo change (the first in line 4)."], Notes(file));
        Assert.StartsWith("t.abc: left out, as the notes alone are read: 1 grace note group,", Assert.Single(Notes(file, withChords: true)));
    }

    [Theory]
    [InlineData("X:1\nK:C\nC|\n\nD|E|\nF|\n",
        "t.abc, line 5 and 1 more place: music outside of a tune is left out; a tune begins with a line 'X:' and ends at an empty line.")]
    [InlineData("T:A\nK:C\nC|\n\nX:1\nK:C\nC|\n",
        "t.abc, line 3: music outside of a tune is left out; a tune begins with a line 'X:' and ends at an empty line.")]
    [InlineData("X:1\nY:AB\nK:C\nC|\n", "t.abc, line 2: a field 'Y:' is none of ABC 2.1 and is passed over.")]
    [InlineData("X:1\nK:C fancy\nC|\n", "t.abc, line 2: the word 'fancy' of a key is not known and is passed over.")]
    [InlineData("X:1\nK:C\nC ^/D|\n", "t.abc, line 3: quarter tones are played as the half tone below them, towards the natural note.")]
    [InlineData("X:1\nK:C\nC,,,,,,,|\n", "t.abc, line 3: a note lies outside of what MIDI can name and is left out.")]
    [InlineData("X:1\nK:C\n%%MIDI transpose 12\nC|\n",
        "t.abc, line 3: the instruction 'MIDI transpose' is not followed, and the notes are read as written.")]
    [InlineData("X:1\nK:C\n%%MIDI channel 10\nC|\n",
        "t.abc, line 3: the instruction 'MIDI channel' is not followed, and the notes are read as written.")]
    [InlineData("X:1\nK:C perc\nC|\n",
        "t.abc, line 2: a percussion clef (perc) says that what follows are strokes; they are read as notes of the pitches written.")]
    [InlineData("X:1\nV:1\nV:perc clef=\"perc\"\nK:C\n[V:1]C|\n[V:perc]D|\n",
        "t.abc, line 3: a percussion clef (perc) says that what follows are strokes; they are read as notes of the pitches written.")]
    [InlineData("X:1\nK:C\n[I:transpose 2]C|\n", "t.abc, line 3: the instruction 'transpose' is not followed, and the notes are read as written.")]
    [InlineData("X:1\nK:C\nC !D.C.!|\n",
        "t.abc, line 3: a sign of playing order (such as D.C., D.S. or fine) is not followed, and the tune is played without it.")]
    [InlineData("X:1\nK:C\n>C|\n", "t.abc, line 3: a broken rhythm has no note before it and changes nothing.")]
    [InlineData("X:1\nQ:fast=\nK:C\nC|\n", "t.abc, line 1: a tempo Q: is not understood, and 120 quarter notes a minute are taken.")]
    [InlineData("X:1\nK:C\nZC|\n", "t.abc, line 3: bars of rest stand where no meter says how long a bar is, and last a whole note each.")]
    [InlineData("X:1\nK:C\n[CE F|G|\n",
        "t.abc, line 3: a chord begins by '[' and does not end in its bar, and its notes are read one after another.")]
    public void What_is_read_with_a_doubt_is_said(string file, string note) => Assert.Equal([note], Notes(file));

    [Theory]
    [InlineData("C0", "line 3, character 2: a length of zero is none, found '0'")]
    [InlineData("C/0", "line 3, character 2: a length of zero is none")]
    [InlineData("C1234567890", "line 3, character 2: expected a length of at most 9 digits")]
    [InlineData("(0CD", "line 3, character 1: expected a tuplet such as (3 or (3:2:3")]
    [InlineData("(3:0CD", "line 3, character 1: expected a tuplet such as (3 or (3:2:3")]
    [InlineData("(12CD", "line 3, character 1: expected how long a tuplet of more than 9 notes is")]
    [InlineData("C []", "line 3, character 3: expected notes in the brackets of a chord, found none")]
    [InlineData("C \"Am", "line 3, character 3: a text in quotes begins and never ends in the line")]
    [InlineData("{ab", "line 3, character 1: a group of grace notes begins and never ends in the line; write '}' behind it")]
    [InlineData("[K:G C", "line 3, character 1: a field begins and never ends in the line")]
    [InlineData("C : D", "line 3, character 3: ':' is no bar line; write ':|', '|:' or '::'")]
    [InlineData("C ::: D", "line 3, character 3: 3 dots without '|' can be read in several ways; write '::|::'")]
    [InlineData("^z", "line 3, character 1: expected a note behind the accidental '^'")]
    [InlineData("Z/2", "line 3, character 1: expected a whole number of bars of rest, such as Z4")]
    [InlineData("C>>>>D", "line 3, character 2: expected at most 3 signs '>' in a row")]
    [InlineData("[3-1C", "line 3, character 2: expected numbers of endings from 1 to 99, such as 1 or 1,3, found '3-1'")]
    [InlineData("C 😀", "line 3, character 3: '😀' is no ABC music here")]
    [InlineData("K:H", "line 3: expected a key such as K:G, K:Bbm, K:D dorian or K:none, found 'H'")]
    [InlineData("M:6:8", "line 3: expected a meter such as M:6/8, M:C or M:none, found '6:8'")]
    [InlineData("[L:1/0]C", "line 3: expected a length such as L:1/8, found '1/0'")]
    [InlineData("V:", "line 3: expected the name of a voice, such as V:1")]
    [InlineData("m:~n=n{o}n", "line 3: expected a macro for certain notes")]
    public void What_would_be_heard_and_cannot_be_read_is_refused_by_line(string body, string expected) =>
        Assert.StartsWith($"t.abc, {expected}", Refused(() => AbcReader.Read($"X:1\nK:C\n{body}\n", "t.abc")));

    [Fact]
    public void Macros_of_macros_end()
    {
        string macros = string.Concat(Enumerable.Range('A', 21).Select(c => $"m:{(char)c}={(char)(c + 1)}{(char)(c + 1)}\n"));
        Assert.StartsWith("t.abc, line 24: the macros (m:) of the tune stand for more than 1,000,000 signs",
            Refused(() => AbcReader.Read($"X:1\n{macros}K:C\nAA\n", "t.abc")));
    }

    [Fact]
    public void Lines_may_end_in_any_way_and_encodings_are_told_apart()
    {
        Assert.Equal("60@0+0.5 62@0.5+0.5", Played(AbcReader.Read("\uFEFFX:1\rK:C\rCD\r\rX:2\rK:C\rC\r", "t.abc")[0]));
        Assert.Equal("Fête", AbcReader.Read(Encoding.Latin1.GetBytes("X:1\r\nT:Fête\r\nK:C\r\nC\r\n"), "t.abc")[0].Title);
        Assert.Equal("t.abc: expected ABC tunes as text in UTF-8, found UTF-16; save the file as UTF-8.",
            Refused(() => AbcReader.Read([.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes("X:1\nK:C\nC\n")], "t.abc")));
        Assert.Contains("found a zero byte", Refused(() => AbcReader.Read("X:1\nK:C\nC\0\n"u8.ToArray(), "t.abc")));
    }

    [Theory]
    [InlineData("[", "C", "")]
    [InlineData("", "[", "")]
    [InlineData("", "(3", "")]
    [InlineData("", ":|:", "")]
    [InlineData("", "|1", "")]
    [InlineData("|:", "C|[1D:|[2E|", ":|")]
    [InlineData("", "C>", "")]
    [InlineData("C", "-", "")]
    [InlineData("C", "&", "")]
    [InlineData("", "[V:1]C[V:2]D", "")]
    [InlineData("", "^", "C")]
    [InlineData("", "{", "")]
    public void A_million_signs_are_read_or_refused_and_take_memory_in_proportion(string before, string many, string after)
    {
        string body = before + string.Concat(Enumerable.Repeat(many, 300_000)) + after;
        long taken = GC.GetAllocatedBytesForCurrentThread();
        string refused = Refused(() => AbcPlayer.ToScore(AbcReader.Read($"X:1\nK:C\n{body}\n", "t.abc")[0]));
        // What is copied for every sign takes 90 GB; a clock would measure what else the machine does.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - taken, 0, 2_000L * body.Length);
        Assert.True(refused.Length <= 500);
    }
}
