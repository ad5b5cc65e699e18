using Unroll.Inspection.Textbook;

namespace Unroll.Inspection.Worked;

/// <summary>The GRU once more in the study notes' form (S36, S41–S43): Γu = 1 − z, weights on [c₋; x].</summary>
internal static class WorkedNotesGru
{
    internal static IEnumerable<WorkedValue> Of(NotesGru notes, Vector[] x, Vector[] labels)
    {
        const string weights = "the notes' form, weights";
        foreach ((string name, Matrix value) in new[] { ("W_r", notes.Wr), ("W_u", notes.Wu), ("W_c", notes.Wc) })
            yield return WorkedValue.Of(weights, name, "", value);
        foreach ((string name, Matrix value) in new[] { ("b_r", notes.Br), ("b_u", notes.Bu), ("b_c", notes.Bc) })
            yield return WorkedValue.Of(weights, name, "", Row(value));
        NotesGru.Step[] steps = new NotesGru.Step[x.Length];
        for (int t = 0; t < x.Length; t++)
        {
            steps[t] = notes.CellForward(Column(x[t]), t == 0 ? new Matrix(notes.Wr.Rows, 1) : steps[t - 1].C);
            NotesGru.Step s = steps[t];
            foreach ((string name, Matrix value) in new[] { ("Γr", s.R), ("Γu", s.U), ("c̃", s.Tilde), ("c", s.C), ("ŷ", s.Y) })
                yield return WorkedValue.Of($"the notes' form, step {t + 1}, forward", name, "", Row(value));
        }
        Matrix? dcNext = null;
        Matrix dWr = new(notes.Wr.Rows, notes.Wr.Columns), dWu = new(notes.Wu.Rows, notes.Wu.Columns), dWc = new(notes.Wc.Rows, notes.Wc.Columns);
        for (int t = x.Length - 1; t >= 0; t--)
        {
            Matrix label = new(notes.Wy.Rows, 1);
            label[(int)labels[t][0], 0] = 1;
            NotesGru.Terms terms = notes.StateGradient(steps[t], label, t + 1 < x.Length ? steps[t + 1] : null, dcNext);
            foreach ((string term, Matrix? value) in new[]
                     {
                         ("own loss", terms.Own), ("direct", terms.Direct), ("through Γu", terms.ThroughU), ("through c̃", terms.ThroughC),
                         ("through Γr", terms.ThroughR), ("sum", terms.Sum),
                     })
                if (value is not null) yield return WorkedValue.Of($"the notes' form, step {t + 1}, backward", "δc", term, Row(value));
            dcNext = terms.Sum;
            NotesGru share = notes.WeightGradient(steps[t], label, dcNext);
            dWr.Add(share.Wr);
            dWu.Add(share.Wu);
            dWc.Add(share.Wc);
        }
        foreach ((string name, Matrix value) in new[] { ("dW_r", dWr), ("dW_u", dWu), ("dW_c", dWc) })
            yield return WorkedValue.Of("the notes' form, gradients", name, "sum", value);
    }

    private static Matrix Column(Vector v) => new([.. v], 0, v.Count, 1);

    private static Vector Row(Matrix column) => new([.. Enumerable.Range(0, column.Rows).Select(row => column[row, 0])]);
}
