using static Unroll.Cli.Lab.LabCell;

namespace Unroll.Cli.Lab.Residual;

/// <summary>What the figures say about the notes' claims.</summary>
internal static class ResidualVerdicts
{
    // An effect below a quarter of its initial size is gone; above half it is not; in between the figures do not decide.
    private const double Lost = 0.25, Kept = 0.5;

    private static bool? Gone(double share) => share < Lost ? true : share > Kept ? false : null;

    internal static IEnumerable<LabVerdict> Of(Recurrences found)
    {
        (RecurrenceFigures logistic, RecurrenceFigures tanh, RecurrenceFigures rnn) = (found.Logistic[^1], found.Tanh[^1], found.Rnn[^1]);
        int last = logistic.Length;
        yield return new LabVerdict("S19", "the product of the Jacobians I + diag(g′) U grows",
            $"‖∂h/∂h⟨0⟩‖₂ after {last} steps: logistic {Short(logistic.Growth)}, tanh {Short(tanh.Growth)}, "
            + $"the vanilla network with the same matrix {Short(rnn.Growth)}; largest on the way {Short(found.Logistic.Max(f => f.Growth))} and "
                + $"{Short(found.Tanh.Max(f => f.Growth))}.",
            found.Logistic.Max(f => f.Growth) > 10 && found.Tanh.Max(f => f.Growth) > 10);

        RecurrenceFigures half = found.Logistic.Last(f => f.Length <= (last + 1) / 2);
        yield return new LabVerdict("S20", "with logistic g the state grows indefinitely while g saturates",
            $"{(logistic.Falls ? "some unit decreased at some step" : "no unit decreased at any step")}; mean h {Short(half.State)} after "
                + $"{half.Length} "
                + $"steps, {Short(logistic.State)} "
            + $"after {last}; mean slope g′ from {Short(found.Logistic[0].Slope)} to {Short(logistic.Slope)}, of at most 0.25.",
            logistic.Falls || logistic.State <= half.State ? false : Gone(logistic.Slope / found.Logistic[0].Slope));

        double fresh = found.Logistic[0].Newest;
        yield return new LabVerdict("S20", "so new input loses its effect",
            $"‖∂h_u⟨t⟩/∂x⟨t⟩‖ with logistic g goes from {Short(fresh)} at t = 1 to {Short(logistic.Newest)} at t = {last}; with tanh g from "
            + $"{Short(found.Tanh[0].Newest)} to {Short(tanh.Newest)}.", Gone(logistic.Newest / fresh));

        bool? lost = Gone(logistic.Oldest / fresh);
        yield return new LabVerdict("S20", "and stored information is lost",
            $"‖∂h_u⟨t⟩/∂x⟨1⟩‖ with logistic g is {Short(fresh)} at t = 1 and {Short(logistic.Oldest)} at t = {last}, "
                + $"{Short(logistic.Oldest / logistic.Newest)} times the newest "
            + "input's" + (lost != false ? "." : $": where g′ is near 0 the Jacobian is near the identity, and early input keeps its effect. It is "
                + $"lost "
                + $"only relative to a mean state of {Short(logistic.State)}."),
            lost);

        RecurrenceFigures gru = found.Gru[^1], lstm = found.Lstm[^1];
        double gruKeeps = gru.Newest / found.Gru[0].Newest, lstmKeeps = lstm.Newest / found.Lstm[0].Newest;
        yield return new LabVerdict("S21", "gates that select what is added and what is forgotten are the remedy",
            $"after {last} steps the newest input has {Short(gruKeeps)} (GRU) and {Short(lstmKeeps)} (LSTM) times its effect at t = 1, with "
                + $"logistic g "
            + $"{Short(logistic.Newest / fresh)}; mean states are {Short(gru.State)} and {Short(lstm.State)} against {Short(logistic.State)}. "
                + $"The price: the first "
            + $"input has an effect of {Short(gru.Oldest)} and {Short(lstm.Oldest)} with untrained gates.",
            gruKeeps > Kept && lstmKeeps > Kept && gru.State < 1 && lstm.State < logistic.State);
    }
}
