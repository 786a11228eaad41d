import board
from kerb import device

device.run(board)
