using Unroll.Cells;
using Unroll.Inspection.Textbook;
using static Unroll.Cli.Lab.Gates.CellTrace;
using static Unroll.Cli.Lab.Gates.ForcedCell;

namespace Unroll.Cli.Lab.Gates;

/// <summary>What a forced gate should do, and how far from it a cell is; 0 is exact.</summary>
/// <param name="Notes">The number of the claim in the study notes.</param>
/// <param name="Cell">Which cell.</param>
/// <param name="Forced">Its gates.</param>
/// <param name="Should">The expected result.</param>
/// <param name="Deviation">The largest deviation of any unit at any step.</param>
internal sealed record GateCheck(string Notes, string Cell, string Forced, string Should, Func<CellTrace.Run, double> Deviation)
{
    private static readonly CellOptions _lstm = new() { Kind = "lstm" }, _gru = new() { Kind = "gru" }, _after = new() { Kind = "gru-after" },
        _rnn = new() { Kind = "rnn" };

    // Polarity: the engine has h = (1 − z) ⊙ n + z ⊙ h₋, so the study notes' Γu is 1 − z, and their Γr is r.
    internal static IReadOnlyList<GateCheck> All(ForcedCell f) =>
    [
        new("S25", "lstm", "f = 1, i = 0", "c stays unchanged", run =>
        {
            CellTrace trace = run(f.Cell(_lstm, ('f', Whole), ('i', -Whole)), f.X, f.H0, f.C0);
            return trace.C.Max(c => Apart(c, f.C0));
        }),
        new("S25", "lstm", "f = 0", "c₀ is forgotten at the first step", run =>
        {
            PairedCell cell = f.Cell(_lstm, ('f', -Whole));
            return Apart(run(cell, f.X, f.H0, f.C0).C, run(cell, f.X, f.H0).C);
        }),
        new("S25", "lstm", "i = 0", "nothing enters: c₀ = 0 stays 0", run =>
            run(f.Cell(_lstm, ('i', -Whole)), f.X, f.H0).C.Max(c => c.Max(Math.Abs))),
        new("S25", "lstm", "o = 0", "h is 0 whatever c is", run =>
            run(f.Cell(_lstm, ('o', -Whole)), f.X, f.H0, f.C0).H.Max(h => h.Max(Math.Abs))),
        new("S25", "lstm", "o = 1", "h is tanh c", run =>
        {
            CellTrace trace = run(f.Cell(_lstm, ('o', Whole)), f.X, f.H0, f.C0);
            return Apart(trace.H, trace.C.Select(c => c.Map(Math.Tanh)));
        }),
        new("S45", "lstm", "f = 0, i = 0", "neither old nor new: c is 0", run =>
            run(f.Cell(_lstm, ('f', -Whole), ('i', -Whole)), f.X, f.H0, f.C0).C.Max(c => c.Max(Math.Abs))),
        new("S37", "gru", "Γu = 0 (z = 1)", "the state is copied", run => run(f.Cell(_gru, ('z', Whole)), f.X, f.H0).H.Max(h => Apart(h, f.H0))),
        new("S37", "gru-after", "Γu = 0 (z = 1)", "the state is copied", run =>
            run(f.Cell(_after, ('z', Whole)), f.X, f.H0).H.Max(h => Apart(h, f.H0))),
        new("S37", "gru", "Γu = 1 (z = 0), Γr = 1", "the vanilla network", run => BesidePlain(f, _gru, run)),
        new("S37", "gru-after", "Γu = 1 (z = 0), Γr = 1", "the vanilla network", run => BesidePlain(f, _after, run)),
        new("S37", "gru", "Γr = 0, Γu = 1 (z = 0)", "h depends only on the newest input", run =>
        {
            PairedCell cell = f.Cell(_gru, ('r', -Whole), ('z', -Whole));
            return Apart(run(cell, f.X, f.H0).H, run(cell, f.X).H);
        }),
        new("S46", "gru", "Γr = 0", "the candidate ignores h₋", run => CandidateDifference(f.Cell(_gru, ('r', -Whole)), f, run, "n")),
    ];

    /// <summary>How far a GRU with z = 0 and r = 1 is from the plain network that has the candidate's weights.</summary>
    private static double BesidePlain(ForcedCell f, CellOptions gru, CellTrace.Run run) =>
        Apart(run(f.Cell(gru, ('z', -Whole), ('r', Whole)), f.X, f.H0).H, run(f.Cell(_rnn), f.X, f.H0).H);

    /// <summary>How far the candidates of the first step are apart when it begins with two different h₋.</summary>
    internal static double CandidateDifference(PairedCell cell, ForcedCell f, CellTrace.Run run, string candidate)
    {
        Vector? c = cell.Equations.States.Contains("c") ? f.C0 : null;
        return Apart(run(cell, f.X, f.H0, c).Gate(candidate, 0), run(cell, f.X, -f.H0, c).Gate(candidate, 0));
    }
}
