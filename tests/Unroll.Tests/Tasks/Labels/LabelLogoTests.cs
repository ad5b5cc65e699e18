using System.Text.RegularExpressions;
using Unroll.Core;
using Unroll.Inspection.Report;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Tasks.Data.Labeled;
using Unroll.Tasks.Labels;
using Unroll.Tasks.Shared;

namespace Unroll.Tests.Tasks.Labels;

public sealed class LabelLogoTests
{
    private static readonly LabeledSequence[] Windows =
        [new("a", 1) { Text = "ACGGT", Label = "x" }, new("a", 2) { Text = "TTGCA", Label = "y" }, new("a", 3) { Text = "ACNGT", Label = "x" }];

    private static LabelModel Model(LabelOptions options)
    {
        LabelModel model = new(options, LabelEncoding.Learn(Windows, options));
        Initialization.Apply(model.Network, new InitializationOptions(), new Rng(3));
        return model;
    }

    // The score is nearly linear over a small step: its change is what the letters say. Differences of float32 scores are good to about 1e-3 here.
    [Fact]
    public void A_letter_is_as_high_as_the_score_changes_when_its_base_gives_way()
    {
        LabelOptions options = LabelOptions.Of(LabelKind.Dna) with { Hidden = 4, Pooling = PoolingKind.Flatten };
        LabelModel model = Model(options);
        using ThreadTeam threads = new(1);
        LabelLogo logo = LabelLogo.Of(model, [Windows[1]], threads).Single();
        Assert.Equal(("y", 1, 5), (logo.Label, logo.Sequences, logo.Heights.Count));
        Assert.Equal([0.0, 0, 0], logo.Heights[0].Take(3));
        float[] x = model.Encoding.Encode(Windows[1]);
        double Margin(float share)
        {
            float[] changed = [.. x];
            for (int k = 0; k < 4; k++) changed[k] += share * ((k == 3 ? 1 : 0) - 0.25f);
            float[] p = model.Run([changed], threads)[0];
            return 0.5 * (Math.Log(p[1]) - Math.Log(p[0]));
        }
        Assert.Equal((Margin(0.02f) - Margin(-0.02f)) / 0.04, logo.Heights[0][3], 1e-3);
    }

    [Fact]
    public void Logos_are_of_bases_in_windows_of_one_length_and_leave_no_gradient_behind()
    {
        LabelOptions options = LabelOptions.Of(LabelKind.Dna) with { Hidden = 4, BothStrands = true };
        LabelModel model = Model(options);
        using ThreadTeam threads = new(1);
        IReadOnlyList<LabelLogo> logos = LabelLogo.Of(model, Windows, threads);
        Assert.Equal(["x", "y"], logos.Select(logo => logo.Label));
        Assert.Equal(2, logos[0].Sequences);
        Assert.DoesNotContain(model.Network.Parameters.Gradients.ToArray(), g => g != 0);
        Assert.Empty(LabelLogo.Of(model, [.. Windows, Windows[0] with { Text = "ACG" }], threads));
        Assert.Empty(LabelLogo.Of(Model(options with { BothStrands = false, Unit = LabelUnit.Char }), Windows, threads));
    }

    [Fact]
    public void A_logo_stacks_letters_by_height_on_either_side_of_the_line()
    {
        StringWriter writer = new();
        new ReportPage { Title = "p", Sections = [new ReportSection("s",
            new SequenceLogo("ACGT", [[1, 0, 0.5, -0.25], [0, 0, 0, double.NaN]]) { First = 30 })] }.Write(writer);
        string svg = Regex.Match(writer.ToString(), "<svg.*?</svg>", RegexOptions.Singleline).Value;
        Assert.Equal(3, Regex.Count(svg, "<path fill="));
        Assert.Contains("<title>30: A +1.000, G +0.500, T -0.250</title>", svg);
        Assert.DoesNotContain("<script", writer.ToString());
        Assert.Contains("'odd'", Assert.Throws<ArgumentException>(() =>
            new ReportPage { Title = "p", Sections = [new ReportSection("s",
                new SequenceLogo("ACGT", [[1, 0]]) { Title = "odd" })] }.Write(writer)).Message);
    }
}
