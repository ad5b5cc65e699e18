using Unroll.Inspection.Textbook;

namespace Unroll.Tests.Inspection;

/// <summary>The figures printed in the notes, from the notes' own draws and in the notes' own layout.</summary>
public sealed class NotesFiguresTests
{
    private const int Nx = 3, Nh = 5, Ny = 2, Batch = 10;

    [Fact]
    public void The_legacy_generator_begins_as_NumPy_does() => Assert.Equal(1.6243453636632417, new NumPyLegacyRandom(1).Normal());

    [Fact] // S31
    public void The_LSTM_example_reproduces_to_every_printed_digit()
    {
        NumPyLegacyRandom random = new(1);
        Matrix x = random.Normal(Nx, Batch), hPrev = random.Normal(Nh, Batch), cPrev = random.Normal(Nh, Batch);
        NotesLstm.Step s = Lstm(random).CellForward(x, hPrev, cPrev);

        Printed(s.H, row: 4,
            [-0.66408471, 0.0036921, 0.02088357, 0.22834167, -0.85575339, 0.00138482, 0.76566531, 0.34631421, -0.00215674, 0.43827275]);
        Printed(s.C, row: 2,
            [0.63267805, 1.00570849, 0.35504474, 0.20690913, -1.64566718, 0.11832942, 0.76449811, -0.0981561, -0.74348425, -0.26810932]);
        Printed(s.Y, row: 1,
            [0.79913913, 0.15986619, 0.22412122, 0.15606108, 0.97057211, 0.31146381, 0.00943007, 0.12666353, 0.39380172, 0.07828381]);
    }

    [Fact] // S04, S05; the figures are printed to the last bit, ours may differ by the order of summation: 5 terms of size 1, so 1e-14
    public void The_backward_of_the_RNN_cell_gives_the_notes_figures()
    {
        NumPyLegacyRandom random = new(1);
        Matrix x = random.Normal(Nx, Batch), aPrev = random.Normal(Nh, Batch);
        Matrix wax = random.Normal(Nh, Nx), waa = random.Normal(Nh, Nh), wya = random.Normal(Ny, Nh);
        Matrix ba = random.Normal(Nh, 1), by = random.Normal(Ny, 1);
        Matrix da = random.Normal(Nh, Batch);
        NotesRnn rnn = new(wax, waa, wya, ba, by);
        NotesRnn.Gradient d = rnn.CellBackward(da, rnn.CellForward(x, aPrev));

        Assert.Equal(-1.3872130506020928, d.X[1, 2], 1e-14);
        Assert.Equal(-0.15239949377395476, d.APrev[2, 3], 1e-14);
        Assert.Equal(0.41077282493545847, d.Wax[3, 1], 1e-14);
        Assert.Equal(1.1503450668497133, d.Waa[1, 2], 1e-14);
        Assert.Equal(0.2002349138798539, d.Ba[4, 0], 1e-14);
    }

    internal static NotesLstm Lstm(NumPyLegacyRandom random)
    {
        Matrix wf = random.Normal(Nh, Nh + Nx), bf = random.Normal(Nh, 1), wi = random.Normal(Nh, Nh + Nx), bi = random.Normal(Nh, 1);
        Matrix wo = random.Normal(Nh, Nh + Nx), bo = random.Normal(Nh, 1), wc = random.Normal(Nh, Nh + Nx), bc = random.Normal(Nh, 1);
        return new NotesLstm(wf, bf, wi, bi, wc, bc, wo, bo, random.Normal(Ny, Nh), random.Normal(Ny, 1));
    }

    // NumPy prints 8 decimals: half a unit of the last is 5e-9.
    private static void Printed(Matrix actual, int row, double[] expected)
    {
        for (int column = 0; column < expected.Length; column++) Assert.Equal(expected[column], actual[row, column], 5.0001e-9);
    }
}
