namespace TorchSharp;

public static partial class torch
{
    public class Device
    {
        public DeviceType type { get; }
        public int index { get; }

        public Device(string description)
        {
            var colon = description.IndexOf(':');
            type = Parse(colon < 0 ? description : description[..colon]);
            index = colon < 0 ? Default(type) : int.Parse(description.AsSpan(colon + 1));
        }

        public Device(string deviceType, int index = -1) : this(Parse(deviceType), index) { }

        public Device(DeviceType deviceType, int index = -1) => (type, this.index) = (deviceType, index < 0 ? Default(deviceType) : index);

        public Device(int index) : this(DeviceType.CUDA, index) { }

        public override string ToString() => type == DeviceType.CPU ? "cpu" : $"{type.ToString().ToLowerInvariant()}:{index}";

        public static implicit operator Device(string description) => new(description);

        internal bool Same(Device other) => type == other.type && index == other.index;

        // libtorch reports tensors with the index spelled out on accelerators and left at -1 on the CPU; so do we.
        private static int Default(DeviceType type) => type == DeviceType.CPU ? -1 : 0;

        private static DeviceType Parse(string name) => Enum.TryParse<DeviceType>(name, ignoreCase: true, out var type) && !char.IsDigit(name[0])
            ? type
            : throw new ArgumentException($"'{name}' is not a device type; 'cpu', 'cuda' and 'cuda:0' are examples.");
    }

    public static Device device(string description) => new(description);
    public static Device device(string deviceType, int index = -1) => new(deviceType, index);
    public static Device device(DeviceType deviceType, int index = -1) => new(deviceType, index);
    public static Device device(int index) => new(index);

    public static readonly Device CPU = new(DeviceType.CPU, -1);
    public static readonly Device META = new(DeviceType.META, -1);
    public static Device CUDA => TryInitializeDeviceType(DeviceType.CUDA) ? new(DeviceType.CUDA, -1) : throw NoDevice(DeviceType.CUDA);

    private static InvalidOperationException NoDevice(DeviceType type) => new($"Torch device type {type} did not initialise on the current machine.");
}
