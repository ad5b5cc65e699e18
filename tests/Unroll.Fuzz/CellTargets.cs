using System.Text;
using Unroll.Cells;
using Unroll.Cells.Definitions;

namespace Unroll.Fuzz;

/// <summary>Definitions of cells: read, written and read again.</summary>
internal static class CellTargets
{
    private const string Everything = """
        # every construct of the language
        cell every-thing
        vector u = uniform(0.1)
        scalar α = 0.5
        width m = units / 4
        initial c = 1
        f = σ(W_f x + U_f h₋ + p_f ⊙ c₋ + b_f)
        k = clip(softplus(W_k x + (A − Aᵀ) h₋) - 2, -1, 1.5e0) + B^T h_prev
        n = tanh(norm(W_n x, 1e-4) + V (P m₋ * f) + b_n)
        c = max(f, 0.1) ⊙ c₋ + min(1 − f, k) * relu(n) / (1 + exp(−n))
        m = S norm(c)
        h = hardsigmoid(c)^2 ⊙ sqrt(log(u^2 + 1.5)) + α * h₋ − −x ⊙ (c −
            k)
        out y = h + Q m
        f: forget gate, keeps
        n: what is new
        V = orthogonal(0.5)
        b_f = 1
        A = normal(0.02)
        """;

    public static IEnumerable<FuzzTarget> All =>
    [
        new("cell definitions", [typeof(CellChoice), typeof(CellText)], [Encoding.UTF8.GetBytes(Everything),
            .. BuiltInDefinitions.All.Select(one => Encoding.UTF8.GetBytes(one.Definition.Text))], Read)
        {
            Words = ["₋", "_prev", "ᵀ", "^T", "⊙", "*", "(", ")", " − ", "-", "−(", "^", "^2", " = ", ": ", ", keeps", "\nout ", "\nvector ",
                "\nscalar ", "\nwidth h = ", "\ninitial h = ", "units / 2", "identity", "uniform(1)", "norm(", "max(", "clip(", "tanh(", "W ", "U (",
                "x", "h", "c₋", "b_f", "f", "#", "\ncell ", "h̃", "𝐖", "f′", "1e-5"],
        },
    ];

    private static void Read(byte[] bytes)
    {
        CellDefinition read = CellChoice.From(bytes, "my.cell");
        CellDefinition again = CellText.Read(read.Text, "again.cell");
        if (!read.Equals(again) || !read.Assignments.SequenceEqual(again.Assignments) || !read.Parameters.SequenceEqual(again.Parameters)
            || !read.States.SequenceEqual(again.States) || !read.Roles.SequenceEqual(again.Roles) || !read.Comments.SequenceEqual(again.Comments)
            || read.Output != again.Output)
            throw new InvalidOperationException("what is written reads back as another cell");
        int units = 1 + read.Assignments.Count;
        _ = new CellFacts(read, units, units);
        _ = CellLikeness.Of(read);
    }
}
