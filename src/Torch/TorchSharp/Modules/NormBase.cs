using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>What normalisations with running statistics share.</summary>
public abstract class NormBase : nn.Module<Tensor, Tensor>
{
    private Parameter? _weight, _bias;
    private Tensor? _mean, _variance, _batches;

    public NormBase(
        long num_features, double eps, double? momentum, bool affine, bool track_running_stats, Device? device, ScalarType? dtype, string name)
        : base(name)
    {
        (this.num_features, this.eps, this.momentum, this.affine) = (num_features, eps, momentum, affine);
        this.track_running_stats = track_running_stats;
        if (affine)
        {
            weight = new Parameter(empty(num_features, dtype, device));
            bias = new Parameter(empty(num_features, dtype, device));
        }
        if (track_running_stats)
        {
            running_mean = zeros(num_features, dtype, device);
            running_var = ones(num_features, dtype, device);
            num_batches_tracked = zeros(Array.Empty<long>(), ScalarType.Int64, device);
        }
        reset_parameters();
    }

    public long num_features { get; }
    public double eps { get; set; }
    public double? momentum { get; set; }
    public bool affine { get; }
    public bool track_running_stats { get; }

    public Parameter? weight
    {
        get => _weight;
        set => ConditionallyRegisterParameter(nameof(weight), _weight = value);
    }

    public Parameter? bias
    {
        get => _bias;
        set => ConditionallyRegisterParameter(nameof(bias), _bias = value);
    }

    public Tensor? running_mean
    {
        get => _mean;
        set => ConditionallyRegisterBuffer(nameof(running_mean), _mean = value);
    }

    public Tensor? running_var
    {
        get => _variance;
        set => ConditionallyRegisterBuffer(nameof(running_var), _variance = value);
    }

    public Tensor? num_batches_tracked
    {
        get => _batches;
        set => ConditionallyRegisterBuffer(nameof(num_batches_tracked), _batches = value);
    }

    public void reset_running_stats()
    {
        _mean?.zero_();
        _variance?.fill_(1);
        _batches?.zero_();
    }

    public void reset_parameters()
    {
        reset_running_stats();
        if (_weight is not null)
            nn.init.ones_(_weight);
        if (_bias is not null)
            nn.init.zeros_(_bias);
    }

    protected abstract void ValidateInputDimensions(Tensor input);
}
