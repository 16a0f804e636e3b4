using System.Globalization;
using DataSsl.Bench;
using DataSsl.Peers.Step;
using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Peers;

/// <summary>
/// The peers of <c>bench search</c>, which score one subnet after the other by the mean cosine of its z and the teacher's: <c>search FORM
/// THREADS IMAGES SIZE LARGEST STEM STRIDES</c>. <c>best</c> keeps what the teacher gave; <c>released</c> runs it again for each subnet and
/// keeps running statistics, as GAIA-ssl does.
/// </summary>
internal sealed class SearchPeer
{
    private readonly bool keeps;
    private readonly Architecture largest;
    private readonly Tensor images;
    private Tensor? kept;

    public SearchPeer(string form, int count, int size, Architecture largest, bool lowResolution, int[] strides)
    {
        (keeps, this.largest) = (form == "best", largest);
        manual_seed(0);
        var style = keeps ? Style.Best(ScalarType.Float32) : Style.Released;
        (Student, Teacher) = (Network(), Network());
        using var noise = randn(count, 3, size, size);
        images = style.Lay(noise);

        Supernet Network()
        {
            var network = new Supernet(style, largest, lowResolution, strides, CPU);
            foreach (var parameter in network.parameters()) parameter.requires_grad = false;
            return network;
        }
    }

    public Supernet Student { get; }

    public Supernet Teacher { get; }

    /// <summary>[N, 3, S, S].</summary>
    public Tensor Images => images;

    public static int Run(string[] words)
    {
        set_num_threads(Number(words[1]));
        var peer = new SearchPeer(
            words[0], Number(words[2]), Number(words[3]), Architecture.Parse(words[4]), words[5] == "low", Architecture.Numbers(words[6]));
        return WorkLoop.Run(line =>
        {
            var architectures = line.Split(' ').Select(Architecture.Parse).ToList();
            return () =>
            {
                foreach (var architecture in architectures) peer.Score(architecture);
            };
        });

        static int Number(string word) => int.Parse(word, CultureInfo.InvariantCulture);
    }

    public float Score(Architecture architecture)
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        var target = Target();
        Student.Set(architecture);
        return (Student.call(images) * target).sum(1).mean().item<float>();
    }

    private Tensor Target()
    {
        if (kept is not null) return kept;
        Teacher.Set(largest);
        var target = Teacher.call(images);
        if (keeps) kept = target.DetachFromDisposeScope();
        return target;
    }
}
