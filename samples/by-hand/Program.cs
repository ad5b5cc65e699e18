using Unroll.Inspection.Textbook;

namespace Unroll.Samples.ByHand;

/// <summary>A plain RNN trained with nothing but its equations. It hears five numbers and says after each what it heard one step before.</summary>
internal static class Program
{
    private const int Hidden = 4, Steps = 5, Sequences = 32, Epochs = 200;
    private const double Rate = 0.05;

    private static void Main() => Run(Console.Out);

    internal static void Run(TextWriter output)
    {
        int weight = 0;
        double First() => 0.5 * Math.Sin(++weight);                       // any small numbers that are not all alike
        Matrix wax = new Matrix(Hidden, 1).Map(_ => First()), waa = new Matrix(Hidden, Hidden).Map(_ => First());
        Matrix wy = new Matrix(1, Hidden).Map(_ => First());
        Vector ba = Vector.Zeros(Hidden), by = Vector.Zeros(1);

        for (int epoch = 0; epoch <= Epochs; epoch++)
        {
            Matrix dWax = new(Hidden, 1), dWaa = new(Hidden, Hidden), dWy = new(1, Hidden);
            Vector dba = Vector.Zeros(Hidden), dby = Vector.Zeros(1);
            double loss = 0;
            for (int sequence = 0; sequence < Sequences; sequence++)
            {
                // forward: every a⟨t⟩ is kept, because the way back needs it; a[0] is the first state
                Vector[] x = [.. Enumerable.Range(0, Steps).Select(t => new Vector(Heard(sequence, t)))];
                Vector[] y = new Vector[Steps], a = new Vector[Steps + 1];
                a[0] = Vector.Zeros(Hidden);
                for (int t = 0; t < Steps; t++)
                {
                    a[t + 1] = (wax * x[t] + waa * a[t] + ba).Map(Math.Tanh);
                    y[t] = wy * a[t + 1] + by;
                    loss += Math.Pow(y[t][0] - Heard(sequence, t - 1), 2);
                }

                // back: δa has a part from y⟨t⟩ and a part from a⟨t+1⟩
                Vector fromNext = Vector.Zeros(Hidden);
                for (int t = Steps - 1; t >= 0; t--)
                {
                    Vector dy = new(2 * (y[t][0] - Heard(sequence, t - 1)) / (Sequences * Steps));
                    Vector fromOutput = wy.T * dy;
                    Vector da = fromOutput + fromNext;
                    Vector dz = da * (1 - a[t + 1] * a[t + 1]);
                    dWy.AddOuter(dy, a[t + 1]);
                    dby.Add(dy);
                    dWax.AddOuter(dz, x[t]);
                    dWaa.AddOuter(dz, a[t]);
                    dba.Add(dz);
                    fromNext = waa.T * dz;
                }
            }
            if (epoch % 20 == 0) output.WriteLine($"epoch {epoch,3}   loss {loss / (Sequences * Steps):F5}");

            // downhill
            wax.Add(dWax.Map(d => -Rate * d));
            waa.Add(dWaa.Map(d => -Rate * d));
            wy.Add(dWy.Map(d => -Rate * d));
            ba.Add(-Rate * dba);
            by.Add(-Rate * dby);
        }
    }

    // The digits of the sequence's number in base two, as +1 and −1: all that five numbers can be. Before the first there was nothing.
    private static double Heard(int sequence, int t) => t < 0 ? 0 : (sequence >> t & 1) == 1 ? 1 : -1;
}
