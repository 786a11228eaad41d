// What differs from the Pico of MicroPython's own boards: a network.
#define MICROPY_HW_BOARD_NAME                   "Raspberry Pi Pico with PPP"
#define MICROPY_HW_FLASH_STORAGE_BYTES          (1024 * 1024)

#define MICROPY_PY_NETWORK                      (1)
#define MICROPY_PY_NETWORK_PPP_LWIP             (1)
#define MICROPY_PY_NETWORK_HOSTNAME_DEFAULT     "kerb"

// The port lists no PPP among its interfaces.
extern const struct _mp_obj_type_t mp_network_ppp_lwip_type;
#define MICROPY_BOARD_NETWORK_INTERFACES \
    { MP_ROM_QSTR(MP_QSTR_PPP), MP_ROM_PTR(&mp_network_ppp_lwip_type) },
